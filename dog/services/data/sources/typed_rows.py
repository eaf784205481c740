"""Map rows whose values have types, as those of a database or of JSON, to rows of the contract."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dog.services.data.data_rows import Row
from dog.services.data.mapping.cell_times import TimeFormat, TimeReader
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.mapping.map_entries import RowMapping
from dog.services.data.mapping.match_columns import IGNORED, fold_name, known_names, match_columns
from dog.services.data.mapping.row_map import FileEvidence, RowMap, build_row_map

RFC_3339 = TimeFormat("2026-11-20T10:00:00Z")


def map_typed_rows(
    kind: str,
    columns: Sequence[str],
    head: Iterable[Row],
    mapping: RowMapping,
    *,
    table: str,
    cursor: str | None = None,
) -> RowMap:
    """Find how rows are mapped, by their columns and the first of them.

    Texts are read as those of a file, except that a few rows cannot decide the order of day and month. The column of a
    cursor that is none of the contract is ignored. `table` is that of `dog.toml` which errors name.

    Raises
    ------
    InvalidInput
        A column is missing, or numbers or dates may mean two things.

    """
    stated = {**mapping.columns}
    if cursor is not None and cursor not in stated and fold_name(cursor) not in known_names(kind, ()):
        stated[cursor] = IGNORED
    match = match_columns(kind, columns, stated, mapping.constants, table=table)
    evidence = FileEvidence(kind, match, typed_cells=False, dots_are_points=True, is_whole=False)
    evidence.add(head)
    for name, words in evidence.words.items():
        words.is_foreign = bool(FILE_COLUMNS[kind].choices[name])  # later rows may have words of any case
    row_map = build_row_map(kind, match, mapping, evidence, keeps_new=False, table=table)
    read = {name for name, _ in row_map.readers}
    times = [(name, TimeReader(name, RFC_3339, serials=False)) for name in evidence.times if name not in read]
    return replace(row_map, readers=[*row_map.readers, *times])
