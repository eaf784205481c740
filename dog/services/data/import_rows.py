"""Import rows of products, contacts, scores and transactions; each row is accepted, a duplicate, or rejected.

The rows of a table are validated one by one or by columns, and written together; a rejected row does not affect the
others. Importing the same rows again changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dog.errors import InvalidInput
from dog.services.data.columns.coded_values import read_ids
from dog.services.data.columns.import_scores import import_scores
from dog.services.data.columns.import_transactions import import_transactions
from dog.services.data.columns.known_rows import withhold_erased
from dog.services.data.columns.row_table import RowTable, table_of_rows
from dog.services.data.columns.table_outcomes import TableOutcomes
from dog.services.data.data_rows import Row
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.row_values import (
    RowOutcome,
    parse_attributes,
    parse_contact_attributes,
    parse_day,
    parse_number,
)
from dog.storage import catalogue, contacts
from dog.storage.catalogue import record_attributes
from dog.storage.event_log import Status
from dog.storage.ids import clean_id
from dog.storage.store import Store

CHUNK_ROWS = 10_000

Records = dict[int, tuple[str, dict[str, Any]]]
"""The id and the attributes of rows, by place."""


def import_rows(store: Store, kind: str, rows: Sequence[Mapping[str, Any]], zone: tzinfo) -> list[RowOutcome]:
    """Import at most 10,000 rows of a kind of `IMPORTS`, and return one result a row, in their order.

    `zone` is the time zone of times without offset.
    """
    given = [Row(line, dict(row)) for line, row in enumerate(rows, 1)]
    return import_table(store, kind, table_of_rows(given, FILE_COLUMNS[kind].names), zone).listed()


def import_table(store: Store, kind: str, table: RowTable, zone: tzinfo) -> TableOutcomes:
    """Import a table of rows of a kind of `IMPORTS`, and return their results."""
    return IMPORTS[kind](store, table, zone) if table.size else TableOutcomes(table)


def _import_products(store: Store, table: RowTable, zone: tzinfo) -> TableOutcomes:
    def read(row: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        product_id = clean_id(row.get("product_id"), "product_id")
        record = parse_attributes(row, {"product_id"})
        if "value" in record:
            record["value"] = parse_number(record["value"], "value")
        for name in ("active_from", "active_to"):
            if name in record:
                record[name] = parse_day(record[name], name, zone)
        return product_id, record

    outcomes, known = TableOutcomes(table), catalogue.read_catalogue(store)
    new = _changed(_read_records(table, outcomes, read), known.row, outcomes)
    if new:
        record_attributes(store, "product", new.values())
        catalogue.put_products(store, list(new.items()))
    return outcomes


def _import_contacts(store: Store, table: RowTable, zone: tzinfo) -> TableOutcomes:  # noqa: ARG001  # same signature for all kinds
    def read(row: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        contact_id = clean_id(row.get("contact_id"), "contact_id")
        return contact_id, {"contact_id": contact_id, **parse_contact_attributes(row)}

    outcomes = TableOutcomes(table)
    withhold_erased(store, read_ids(table.coded("contact_id"), "contact_id"), outcomes)
    records = _read_records(table, outcomes, read)
    stored = contacts.read_records(store, [contact_id for contact_id, _ in records.values()])
    new = _changed(records, stored.get, outcomes)
    record_attributes(
        store, "contact", [{k: v for k, v in record.items() if k != "contact_id"} for record in new.values()]
    )
    contacts.put_contacts(store, new)
    return outcomes


def _read_records(
    table: RowTable, outcomes: TableOutcomes, read: Callable[[Mapping[str, Any]], tuple[str, dict[str, Any]]]
) -> Records:
    """Return what `read` makes of the rows that are not rejected; reject those that it refuses."""
    records: Records = {}
    for place, row in enumerate(table.rows()):
        if place not in outcomes.others:
            try:
                records[place] = read(row.fields)
            except InvalidInput as error:
                outcomes.others[place] = RowOutcome(Status.REJECTED, error.code, error.message)
    return records


def _changed(
    records: Records, known: Callable[[str], Mapping[str, Any] | None], outcomes: TableOutcomes
) -> dict[str, dict[str, Any]]:
    """Return the records that change what is known; mark the others as duplicates."""
    new: dict[str, dict[str, Any]] = {}
    for place, (own_id, record) in records.items():
        if new.get(own_id, known(own_id)) == record:
            outcomes.duplicate[place] = True
        else:
            new[own_id] = record
    return new


IMPORTS: dict[str, Callable[[Store, RowTable, tzinfo], TableOutcomes]] = {
    "products": _import_products,
    "contacts": _import_contacts,
    "scores": import_scores,
    "transactions": import_transactions,
}
