"""Rows of a source with their numbers from 0; of a Parquet file by columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np

from dog.batched import batched
from dog.services.data.backfill.plain_columns import read_plain_columns
from dog.services.data.backfill.split_events import EventSplitter
from dog.services.data.data_rows import Row
from dog.services.data.import_feedback import FEEDBACK_CHUNK_ROWS
from dog.services.data.mapping.mapped_file import MappedFile
from dog.services.data.row_source import RowSource
from dog.services.runtime import Runtime

Numbered = tuple[int, Row]


def split_source(runtime: Runtime, source: RowSource, splitter: EventSplitter) -> Iterator[None]:
    """Split all rows of a source; yield after each chunk."""
    if not _has_columns(source):
        for chunk in batched(enumerate(source.rows()), FEEDBACK_CHUNK_ROWS):
            splitter.add_rows(chunk)
            yield
        return
    for first, columns in source.data.columns_of_batches(FEEDBACK_CHUNK_ROWS):
        mapped = {target: columns[name] for name, target in source.row_map.match.targets.items() if name in columns}
        plain = read_plain_columns(mapped, runtime.clock(), runtime.settings.zone)
        is_left = np.ones(len(next(iter(columns.values()))), bool)
        if plain is not None:
            is_left[plain.places] = splitter.add_columns(plain, first + plain.places)
        splitter.add_rows(list(_take(source, first, columns, np.flatnonzero(is_left))))
        yield


def read_numbered(source: RowSource, wanted: Sequence[int], chunk_rows: int) -> Iterator[list[Numbered]]:
    """Read some rows again, given their numbers in order; yield those of each chunk."""
    chunk: list[Numbered] = []
    for number, row in _read_again(source, wanted):
        if chunk and number // chunk_rows != chunk[0][0] // chunk_rows:
            yield chunk
            chunk = []
        chunk.append((number, row))
    if chunk:
        yield chunk


def _read_again(source: RowSource, wanted: Sequence[int]) -> Iterator[Numbered]:
    if not wanted:
        return
    if isinstance(source, MappedFile):
        source = source.again()
    if not _has_columns(source):
        left = iter(wanted)
        number = next(left, None)
        for place, row in enumerate(source.rows()):
            if place == number:
                yield place, row
                if (number := next(left, None)) is None:
                    return
        return
    numbers = np.array(wanted, np.int64)
    for first, columns in source.data.columns_of_batches(FEEDBACK_CHUNK_ROWS):
        size = len(next(iter(columns.values())))
        own = numbers[(numbers >= first) & (numbers < first + size)]
        yield from _take(source, first, columns, own - first)


def _has_columns(source: RowSource) -> TypeGuard[MappedFile]:
    """Return whether a source is a Parquet file whose columns are at most renamed."""
    if not isinstance(source, MappedFile) or source.data.kind != "parquet":
        return False
    row_map = source.row_map
    return not (row_map.readers or row_map.constants or row_map.derives_ids)


def _take(source: MappedFile, first: int, columns: Mapping[str, Any], places: np.ndarray) -> Iterator[Numbered]:
    """Yield some rows of a batch."""
    if not len(places):
        return
    values = [column.take(places).to_pylist() for column in columns.values()]
    for place, own in zip(places.tolist(), zip(*values, strict=True), strict=True):
        row: Row | None = Row(first + place + 1, dict(zip(columns, own, strict=True)))
        if not source.row_map.is_plain and row is not None:
            row = source.row_map.apply(row)
        if row is not None:
            yield first + place, row
