"""Ranked lists of all contacts in a table of a database: its rows are replaced in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dog.batched import batched
from dog.services.data.batch_recommend import NUMBERS, WHOLE, open_batch, plan_parts, rank_part
from dog.services.data.sources.database import Database
from dog.services.runner import LocalRunner, Runner
from dog.services.runtime import Runtime

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

WRITTEN_ROWS = 5_000
"""Rows that are sent together."""


def write_batch_table(
    runtime: Runtime,
    tenant: str,
    url: str,
    table: str,
    k: int,
    policy: str | None,
    report: Callable[[float], None],
    *,
    batch_id: str | None = None,
    runner: Runner | None = None,
) -> int:
    """Replace the rows of a table, which is created if need be, by the lists of every contact; return their number.

    Until the end readers see the rows that were there before; a batch that is stopped leaves these. Columns are those
    of `write_batch`.

    Raises
    ------
    InvalidInput
        The database cannot be reached or written, or the table has other columns.
    NotFound, Conflict
        As `write_batch`.

    """
    batch, count = open_batch(runtime, tenant, k, policy, batch_id), 0
    parts = (runner or LocalRunner(runtime)).map(rank_part, plan_parts(runtime.store(tenant)), batch, edge=report)
    with Database(url).write() as connection:
        target = _emptied(connection, table, batch.columns)
        for columns in parts:
            for rows in _in_parts(columns):
                connection.execute(target.insert(), [dict(zip(batch.columns, row, strict=True)) for row in rows])
                count += len(rows)
    return count


def _in_parts(columns: Sequence[Sequence[Any]]) -> Iterator[list[tuple[Any, ...]]]:
    return batched(zip(*columns, strict=True), WRITTEN_ROWS)


def _emptied(connection: "Connection", name: str, columns: Sequence[str]) -> "Table":
    """Create a table unless it exists, keep other writers off it, and delete its rows."""
    from sqlalchemy import Column, Double, Integer, MetaData, Table, Text, text  # noqa: PLC0415  # an extra

    schema, _, own = name.rpartition(".")
    types = {column: Integer if column in WHOLE else Double if column in NUMBERS else Text for column in columns}
    table = Table(own, MetaData(), *(Column(it, kind) for it, kind in types.items()), schema=schema or None)
    table.create(connection, checkfirst=True)
    if connection.dialect.name == "postgresql":  # two batches would delete the same rows, and both insert theirs
        quoted = connection.dialect.identifier_preparer.format_table(table)
        connection.execute(text(f"LOCK TABLE {quoted} IN EXCLUSIVE MODE"))
    connection.execute(table.delete())
    return table
