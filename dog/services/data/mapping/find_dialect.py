"""How a file is written: as stated, else as its first bytes, first line or sheets tell."""

from collections.abc import Collection, Sequence

from dog.core.documents.section import nearest
from dog.errors import InvalidInput
from dog.services.data.file_dialect import DELIMITERS, STATED_IN_FILE, Dialect, find_delimiter, find_encoding
from dog.services.data.mapping.map_entries import FileEntry
from dog.services.data.mapping.match_columns import fold_name, known_names, match_columns
from dog.services.data.read_rows import DataFile
from dog.services.data.workbook_rows import Workbook

PACKED_BYTES = 1 << 20
"""Bytes of a packed file that decide on its encoding."""
MAX_SHOWN = 12


def find_dialect(data: DataFile, kind: str, entry: FileEntry) -> Dialect:
    """Return how a file of a kind is written; raise `InvalidInput` where several sheets may be meant."""
    if data.kind == "parquet":
        return Dialect()
    if data.kind == "xlsx":
        return Dialect(sheet=choose_sheet(data.workbook, kind, entry))
    return find_text_dialect(data, entry, known_names(kind, entry.columns))


def find_text_dialect(data: DataFile, entry: FileEntry, known: Collection[str]) -> Dialect:
    """Return how a text file is written; `known` are folded names that its columns may have."""
    encoding = entry.encoding
    if encoding is None:
        with data.open() as file:
            encoding = find_encoding(file, PACKED_BYTES if data.compressed else None)
    if data.kind == "ndjson" or entry.delimiter is not None:
        return Dialect(encoding=encoding, delimiter=DELIMITERS[entry.delimiter or ","])
    data.dialect = Dialect(encoding=encoding)
    first = data.first_line()
    if stated := STATED_IN_FILE.fullmatch(first):
        return Dialect(encoding=encoding, delimiter=stated[1])
    return Dialect(encoding=encoding, delimiter=find_delimiter(first, lambda name: fold_name(name) in known))


def choose_sheet(workbook: Workbook, kind: str, entry: FileEntry) -> str:
    """Return the sheet that is stated, else the only one that has the columns of the kind."""
    sheets = {sheet: workbook.columns(sheet) for sheet in workbook.sheets}
    if entry.sheet is not None:
        named = {sheet.strip().casefold(): sheet for sheet in sheets} | {sheet: sheet for sheet in sheets}
        found = named.get(entry.sheet, named.get(entry.sheet.strip().casefold()))
        if found is None:
            raise InvalidInput(f"no sheet {entry.sheet}{nearest(entry.sheet, sheets)}; sheets: {', '.join(sheets)}")
        return found
    filled = [sheet for sheet, columns in sheets.items() if columns]
    fitting = filled if len(filled) == 1 else [sheet for sheet in filled if _fits(kind, sheets[sheet], entry)]
    if len(fitting) == 1:
        return fitting[0]
    if not filled:
        raise InvalidInput("the workbook is empty: no sheet has a row that names columns")
    shown = "; ".join(f"{sheet} ({', '.join(sheets[sheet][:MAX_SHOWN])})" for sheet in fitting or filled)
    why = f"{len(fitting)} sheets have" if fitting else "no sheet has"
    raise InvalidInput(f"{why} the columns of {kind}; state one with --sheet: {shown}", code="ambiguous_sheet")


def _fits(kind: str, columns: Sequence[str], entry: FileEntry) -> bool:
    try:
        match_columns(kind, columns, entry.columns, entry.constants)
    except InvalidInput:
        return False
    return True
