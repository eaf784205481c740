"""Import a table of products or contacts: a row replaces the whole record, unless it says the same."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

import numpy as np
import orjson

from dog.batched import batched
from dog.services.data.columns.coded_values import Coded, read_ids
from dog.services.data.columns.known_rows import withhold_erased
from dog.services.data.columns.record_json import Read, Shape, find_first_rows, join_records, read_shapes, write_piece
from dog.services.data.columns.row_table import RowTable
from dog.services.data.columns.table_outcomes import TableOutcomes
from dog.services.data.row_values import parse_contact_attributes, parse_product_attributes
from dog.storage.catalogue import put_products, read_product_records, record_attributes
from dog.storage.contacts import read_arrays, write_arrays
from dog.storage.ids import clean_id
from dog.storage.store import Store

RECORDS_AT_ONCE = 5_000
CONVERTED = {"product": ("value", "active_from", "active_to"), "contact": ("account_id", "channels")}
"""Attributes that may be kept otherwise than they are given."""


def import_products(store: Store, table: RowTable, zone: tzinfo) -> TableOutcomes:
    """Import products."""
    outcomes = TableOutcomes(table)
    own = read_ids(table.coded("product_id"), "product_id")

    def read(row: Mapping[str, Any]) -> Mapping[str, Any]:
        return parse_product_attributes(row, zone)

    shapes = _read_shapes(table, "product", own, read, outcomes)
    records = join_records([b""] * table.size, shapes)
    codes = _open_codes(own, outcomes)
    known = dict[str, bytes]()
    for some in batched((own.values[code] for code in codes), RECORDS_AT_ONCE):
        known |= read_product_records(store, some)
    new = _find_changes(own, records, {code: known.get(own.values[code]) for code in codes}, outcomes)
    if new:
        _record_attributes(store, "product", table, shapes, new.values(), read)
        for part in batched(new.items(), RECORDS_AT_ONCE):
            put_products(store, {own.values[code]: records[place] for code, place in part})
    return outcomes


def import_contacts(store: Store, table: RowTable, zone: tzinfo) -> TableOutcomes:  # noqa: ARG001  # same signature for all kinds
    """Import contacts; the record has the id, too."""
    outcomes, read = TableOutcomes(table), parse_contact_attributes
    own = read_ids(table.coded("contact_id"), "contact_id")
    withhold_erased(store, own, outcomes)
    shapes = _read_shapes(table, "contact", own, read, outcomes)
    heads = [*(write_piece("contact_id", one) for one in own.values), b"", b""]
    records = join_records(np.array(heads, object)[own.codes].tolist(), shapes)
    codes = _open_codes(own, outcomes)
    digests = dict(zip(codes, store.tenant.contacts(own.values[code] for code in codes), strict=True))
    stored = dict[int, bytes | None]()
    for some in batched(codes, RECORDS_AT_ONCE):
        stored |= zip(some, read_arrays(store, "contacts", "", [digests[code] for code in some]), strict=True)
    new = _find_changes(own, records, stored, outcomes)
    if new:
        _record_attributes(store, "contact", table, shapes, new.values(), read)
        for part in batched(new.items(), RECORDS_AT_ONCE):
            write_arrays(store, "contacts", "", {digests[code]: records[place] for code, place in part})
    return outcomes


def _read_shapes(table: RowTable, root: str, own: Coded, read: Read, outcomes: TableOutcomes) -> list[Shape]:
    """Read the attributes of all rows, and reject those with a fault."""
    own_id = f"{root}_id"

    def check(row: Mapping[str, Any]) -> None:
        clean_id(row.get(own_id), own_id)
        read(row)

    shapes = read_shapes(table, own_id, read, CONVERTED[root])
    bad = own.codes < 0
    for shape in shapes:
        bad[shape.places] |= shape.refused()
    outcomes.refuse(bad, check)
    return shapes


def _open_codes(own: Coded, outcomes: TableOutcomes) -> list[int]:
    """Return the codes of the ids that rows have which are not rejected."""
    codes: list[int] = np.unique(own.codes[outcomes.open()]).tolist()
    return codes


def _find_changes(
    own: Coded, records: Sequence[bytes], stored: Mapping[int, bytes | None], outcomes: TableOutcomes
) -> dict[int, int]:
    """Return the place of the last row that changes a record, by the code of its id; mark the others as duplicates."""
    new: dict[int, int] = {}
    places = np.flatnonzero(outcomes.open())
    for place, code in zip(places.tolist(), own.codes[places].tolist(), strict=True):
        before = records[new[code]] if code in new else stored[code]
        if before is not None and _say_the_same(before, records[place]):
            outcomes.duplicate[place] = True
        else:
            new[code] = place
    return new


def _say_the_same(one: bytes, other: bytes) -> bool:
    """Return whether two records are equal; 1 and 1.0 are, and the order of their attributes does not count."""
    return one == other or bool(orjson.loads(one) == orjson.loads(other))


def _record_attributes(
    store: Store, root: str, table: RowTable, shapes: Sequence[Shape], places: Iterable[int], read: Read
) -> None:
    """Record the attributes of some rows, each with its kind in the first that has it."""
    first = find_first_rows(shapes, list(places), table.size)
    record_attributes(store, root, [read(row.fields) for row in table.rows(first)])
