"""Which contacts are ranked beside each other: those of an account, segment or owner, not some that are named."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import orjson

from dog.services.lists.read_contacts import Records
from dog.storage.contacts import scan_contacts
from dog.storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFilter:
    """Conditions on contacts that must all hold; without any, every contact passes."""

    contact_id: str | None = None
    account_id: str | None = None
    segment: str | None = None
    owner: str | None = None
    without_contacts: frozenset[str] = frozenset()
    without_accounts: frozenset[str] = frozenset()

    def passes(self, record: Mapping[str, Any]) -> bool:
        """Return whether a contact is wanted, by its record."""
        account = record.get("account_id")
        return (
            (self.contact_id is None or record["contact_id"] == self.contact_id)
            and (self.account_id is None or str(account) == self.account_id)
            and (self.segment is None or str(record.get("segment")) == self.segment)
            and (self.owner is None or str(record.get("owner")) == self.owner)
            and record["contact_id"] not in self.without_contacts
            and account not in self.without_accounts
        )

    def records(self, packed: Mapping[bytes, bytes]) -> Records:
        """Return the records of the contacts that pass, by digest."""
        named = (self.contact_id, self.account_id, self.segment, self.owner)
        texts = [orjson.dumps(text)[1:-1] for text in named if text is not None]
        if texts:  # a cheap test before parsing
            packed = {digest: record for digest, record in packed.items() if all(text in record for text in texts)}
        parsed = zip(packed, orjson.loads(b"[%b]" % b",".join(packed.values())), strict=True)
        if self == EVERYONE:
            return dict(parsed)
        return {digest: record for digest, record in parsed if self.passes(record)}


EVERYONE = ContactFilter()


def scan_records(store: Store, where: ContactFilter, most_read: float = inf) -> Iterator[tuple[int, Records]]:
    """Read the records of the contacts that pass, page by page, each with the number of its partition.

    Ends after `most_read` records, whether they pass or not.
    """
    read = 0
    for partition, packed in scan_contacts(store, range(store.tenant.partition_count)):
        yield partition, where.records(packed)
        read += len(packed)
        if read >= most_read:
            return


def has_contact(store: Store, where: ContactFilter) -> bool:
    """Return whether any contact passes."""
    return any(records for _, records in scan_records(store, where))


def has_account(store: Store, account_id: str) -> bool:
    """Return whether any contact belongs to an account."""
    return has_contact(store, ContactFilter(account_id=account_id))
