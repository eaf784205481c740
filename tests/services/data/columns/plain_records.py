"""Products and contacts imported row by row, in the plainest way: what the import by columns has to come to."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from dog.errors import InvalidInput
from dog.services.data.row_values import parse_contact_attributes, parse_product_attributes
from dog.storage.catalogue import kind_of
from dog.storage.ids import clean_id


class PlainRecords:
    """Records of products or contacts by id, and the kinds of their attributes."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.held: dict[str, dict[str, Any]] = {}
        self.kinds: dict[str, str] = {}

    def load(self, rows: Sequence[Mapping[str, Any]], erased: set[str]) -> list[tuple[str, str | None, str | None]]:
        """Load the rows of one table; return status, code and message of each."""
        found: list[tuple[str, str | None, str | None]] = []
        new: dict[str, dict[str, Any]] = {}
        for row in rows:
            try:
                own, record = self._read(row, erased)
            except InvalidInput as error:
                found.append(("rejected", error.code, error.message))
            else:
                is_known = new.get(own, self.held.get(own)) == record
                found.append(("duplicate" if is_known else "accepted", None, None))
                if not is_known:
                    new[own] = record
        self.held |= new
        for record in new.values():
            for name in record.keys() - {"contact_id"}:
                self.kinds.setdefault(name, kind_of(record[name]))
        return found

    def _read(self, row: Mapping[str, Any], erased: set[str]) -> tuple[str, dict[str, Any]]:
        own_id = f"{self.root}_id"
        if row.get(own_id) in erased and self.root == "contact":
            raise InvalidInput("the contact was erased, and no more of its data are accepted", code="contact_erased")
        own = clean_id(row.get(own_id), own_id)
        if self.root == "product":
            return own, parse_product_attributes(row, UTC)
        return own, {"contact_id": own, **parse_contact_attributes(row)}
