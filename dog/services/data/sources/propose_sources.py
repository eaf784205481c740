"""Propose how the tables of a database are loaded, as `propose_files.py` does for files."""

import re
from collections.abc import Sequence
from pathlib import Path

from dog.services.data.mapping.cell_contents import are_times
from dog.services.data.mapping.file_head import HEAD_ROWS, FileHead
from dog.services.data.mapping.map_entries import SourceEntry
from dog.services.data.mapping.match_columns import fold_name
from dog.services.data.mapping.propose_entry import Proposal
from dog.services.data.mapping.propose_files import SkippedFile, propose_heads
from dog.services.data.sources.database import Database
from dog.services.data.sources.database_values import plain_value

CHANGED = re.compile(r"(updated|modified|changed|lastmodified|lastupdated)(at|on|date|time)?")
"""Folded names of columns that grow with each change of a row: the next reading continues from there."""
EVERY, EVERY_WHOLE = "15m", "6h"
"""How often the scheduler reads a table with such a column, and one that it reads whole."""


def propose_sources(url: str, day: str) -> tuple[list[Proposal], list[SkippedFile]]:
    """Propose what each table and view of a database is; `day` is the date of scores without one.

    Raise `InvalidInput` where the database cannot be read.
    """
    return propose_heads(read_tables(Database(url), day))


def read_tables(database: Database, day: str) -> list[FileHead]:
    """Read the columns and first rows of each table and view."""
    from sqlalchemy import inspect, select, table, text  # noqa: PLC0415  # an extra

    with database.read() as connection:
        found = inspect(connection)
        heads = []
        for name in [*found.get_table_names(), *found.get_view_names()]:
            whole = select(text("*")).select_from(table(name))
            query = str(whole.compile(dialect=connection.dialect)).replace("\n", "")
            with connection.execute(whole) as result:
                columns = list(result.keys())
                rows = [
                    {column: plain_value(value) for column, value in zip(columns, row, strict=True)}
                    for row in result.fetchmany(HEAD_ROWS)
                ]
            heads.append(FileHead(path=Path(name), columns=columns, rows=rows, day=day, query=query))
    return heads


def source_of(proposal: Proposal, url: str) -> SourceEntry:
    """Return the entry of a table in `dog.toml`."""
    cursor = _find_cursor(proposal.head)
    return SourceEntry(
        kind=proposal.entry.kind,
        url=url,
        query=proposal.head.query,
        cursor=cursor,
        every=EVERY if cursor else EVERY_WHOLE,
        **proposal.entry.mapping,
    )


def _find_cursor(head: FileHead) -> str | None:
    named: Sequence[str] = [column for column in head.columns if CHANGED.fullmatch(fold_name(column))]
    return next((column for column in named if are_times(head.values(column))), None)
