"""Import rows of products, contacts, scores and transactions; each row is accepted, a duplicate, or rejected.

The rows of a table are validated by columns and written together; a rejected row does not affect the
others. Importing the same rows again changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dog.services.data.columns.import_records import import_contacts, import_products
from dog.services.data.columns.import_scores import import_scores
from dog.services.data.columns.import_transactions import import_transactions
from dog.services.data.columns.row_table import RowTable, table_of_rows
from dog.services.data.columns.table_outcomes import TableOutcomes
from dog.services.data.data_rows import Row
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.row_values import RowOutcome
from dog.storage.store import Store

CHUNK_ROWS = 10_000


def import_rows(store: Store, kind: str, rows: Sequence[Mapping[str, Any]], zone: tzinfo) -> list[RowOutcome]:
    """Import at most 10,000 rows of a kind of `IMPORTS`, and return one result a row, in their order.

    `zone` is the time zone of times without offset.
    """
    given = [Row(line, dict(row)) for line, row in enumerate(rows, 1)]
    return import_table(store, kind, table_of_rows(given, FILE_COLUMNS[kind].names), zone).listed()


def import_table(store: Store, kind: str, table: RowTable, zone: tzinfo) -> TableOutcomes:
    """Import a table of rows of a kind of `IMPORTS`, and return their results."""
    return IMPORTS[kind](store, table, zone) if table.size else TableOutcomes(table)


IMPORTS: dict[str, Callable[[Store, RowTable, tzinfo], TableOutcomes]] = {
    "products": import_products,
    "contacts": import_contacts,
    "scores": import_scores,
    "transactions": import_transactions,
}
