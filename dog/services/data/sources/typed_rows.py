"""Map rows whose values have types, as those of a database or of JSON, to rows of the contract."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dog.services.data.data_rows import Row
from dog.services.data.mapping.cell_times import TimeFormat, TimeReader
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.mapping.map_entries import RowMapping
from dog.services.data.mapping.match_columns import IGNORED, fold_name, known_names, match_columns
from dog.services.data.mapping.row_map import FileEvidence, RowMap, build_row_map, derive_event_id

EVENT_ID = "event_id"
RFC_3339 = TimeFormat("2026-11-20T10:00:00Z")


@dataclass(frozen=True, slots=True)
class TypedRows:
    """What is done to each row."""

    row_map: RowMap
    derives_ids: bool  # whether events get an id of their content: the source has no column for it

    def apply(self, row: Row, own_id: str | None = None) -> Row | None:
        """Return a row of the contract, which keeps the original; `own_id` is the id of an event without one.

        None where the map leaves the row out.
        """
        mapped = row if self.row_map.is_plain else self.row_map.apply(row)
        if mapped is None or not self.derives_ids or (mapped.fault is not None and mapped.original is None):
            return mapped
        given = row.fields if mapped.original is None else mapped.original
        event_id = own_id or derive_event_id(given if mapped.fault is not None else mapped.fields)
        fields = mapped.fields if mapped.fault is not None else {**mapped.fields, EVENT_ID: event_id}
        return replace(mapped, fields=fields, original={**given, EVENT_ID: event_id})


def map_typed_rows(
    kind: str,
    columns: Sequence[str],
    head: Iterable[Row],
    mapping: RowMapping,
    *,
    table: str,
    cursor: str | None = None,
    keeps_new: bool = False,
) -> TypedRows:
    """Find how rows are mapped, by their columns and the first of them.

    Texts are read as those of a file, except that a few rows cannot decide the order of day and month. The column of a
    cursor that is none of the contract is ignored. `table` is that of `dog.toml` which errors name; `keeps_new`: later
    rows may have other columns.

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
    row_map = build_row_map(kind, match, mapping, evidence, keeps_new=keeps_new, table=table)
    read = {name for name, _ in row_map.readers}
    times = [(name, TimeReader(name, RFC_3339, serials=False)) for name in evidence.times if name not in read]
    return TypedRows(replace(row_map, readers=[*row_map.readers, *times], derives_ids=False), row_map.derives_ids)
