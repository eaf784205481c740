"""Tables that have few rows of a contact in a row are joined to larger ones, so that it is written less often."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dog.services.data.columns.coded_values import code_array
from dog.services.data.columns.row_table import RowTable

GATHERED_ROWS, SAMPLED_ROWS = 500_000, 10_000
SHORT_RUN_ROWS = 8
"""Where a contact has fewer rows one after another, on average, its others probably come later."""


def gather_tables(tables: Iterable[RowTable]) -> Iterator[RowTable]:
    """Yield the rows of tables in their order; those not sorted by contact in tables of about `GATHERED_ROWS`."""
    held: list[RowTable] = []
    for table in tables:
        if table.given or _is_by_contact(table):
            if held:
                yield _joined(held)
            held = []
            yield table
            continue
        if held and _types(table) != _types(held[0]):  # of values that have no plain type
            yield _joined(held)
            held = []
        held.append(table)
        if sum(one.size for one in held) >= GATHERED_ROWS:
            held = [_joined(held)]
            yield held.pop()
    if held:
        yield _joined(held)


def _is_by_contact(table: RowTable) -> bool:
    """Return whether the first rows have many of a contact one after another."""
    codes = code_array(table.columns["contact_id"].slice(0, SAMPLED_ROWS)).codes
    return _count_runs(codes) * SHORT_RUN_ROWS <= len(codes)


def is_scattered(table: RowTable) -> bool:
    """Return whether contacts have few rows one after another, and come again."""
    codes = table.coded("contact_id").codes
    runs = _count_runs(codes)
    return runs * SHORT_RUN_ROWS > len(codes) and runs > len(np.unique(codes))


def _count_runs(codes: np.ndarray) -> int:
    return 1 + int(np.count_nonzero(codes[1:] != codes[:-1]))


def _types(table: RowTable) -> list[Any]:
    return [array.type for array in (*table.columns.values(), *table.in_file.values())]


def _joined(tables: Sequence[RowTable]) -> RowTable:
    """Return tables of Arrow arrays, which follow one another in a file, as one."""
    first = tables[0]
    columns = {name: _concatenated([one.columns[name] for one in tables]) for name in first.columns}
    in_file = {name: _concatenated([one.in_file[name] for one in tables]) for name in first.in_file}
    return replace(first, size=sum(one.size for one in tables), columns=columns, in_file=in_file)


def _concatenated(arrays: Sequence[Any]) -> Any:
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for files only

    return pa.chunked_array(arrays).unify_dictionaries().combine_chunks()
