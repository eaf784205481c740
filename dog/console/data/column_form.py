"""The form that maps a file's columns to those of its kind: what is proposed, and what a person chose."""

from collections.abc import Mapping
from dataclasses import dataclass

from dog.errors import InvalidInput
from dog.services.data.mapping.cell_times import parse_time_format
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.mapping.file_head import FileHead
from dog.services.data.mapping.map_entries import DECIMALS, FileEntry
from dog.services.data.mapping.match_columns import IGNORED
from dog.services.data.mapping.propose_entry import propose_entry

SAMPLES = 3
MOST_WORDS = 30
AS_IT_IS = "="
WITHOUT_CONSTANT = ("contact_id", "product_id", "occurred_at", "score")
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChoice:
    """A column of the file: its first values, and what it is taken as (itself: an attribute; empty: ignored)."""

    name: str
    samples: str
    target: str


def propose(head: FileHead, kind: str) -> FileEntry:
    """Return how a file is mapped by its names and values, every column stated."""
    columns = FILE_COLUMNS[kind]
    found = propose_entry(head, kind)
    entry = FileEntry() if found is None else found.entry
    own = {name: name if columns.keeps_others or name in columns.names else IGNORED for name in head.columns}
    return FileEntry(
        columns=own | dict(entry.columns), values=entry.values, constants=entry.constants, sheet=head.sheet
    )


def column_choices(head: FileHead, entry: FileEntry) -> list[ColumnChoice]:
    """Return the columns of a file as an entry maps them."""
    return [
        ColumnChoice(
            name=name,
            samples=", ".join(str(value)[:40] for value in head.values(name)[:SAMPLES]),
            target=entry.columns.get(name, IGNORED),
        )
        for name in head.columns
    ]


def constant_names(kind: str) -> list[str]:
    """Return the required columns that may have one value for all rows."""
    return [name for name in FILE_COLUMNS[kind].required if name not in WITHOUT_CONSTANT]


def type_words(head: FileHead, entry: FileEntry) -> list[str]:
    """Return the words of the column that is taken as the type of feedback."""
    source = next((name for name, target in entry.columns.items() if target == "type"), None)
    values = [] if source is None else head.values(source)
    return list(dict.fromkeys(str(value).strip() for value in values))[:MOST_WORDS]


def read_entry(form: Form, head: FileHead, kind: str) -> FileEntry:
    """Return what a person chose; raise `InvalidInput` where it is none of the choices."""
    columns = {name: form.get(f"column-{place}", IGNORED) for place, name in enumerate(head.columns)}
    for name, target in columns.items():
        _check_target(kind, name, target)
    words = {form[key]: form.get(key.replace("word-", "meaning-"), AS_IT_IS) for key in form if key.startswith("word-")}
    meanings = {word: meaning for word, meaning in words.items() if meaning not in (AS_IT_IS, word)}
    given = {name: form.get(f"constant-{name}", "").strip() for name in constant_names(kind)}
    constants = {name: value for name, value in given.items() if value and name not in columns.values()}
    date_format, decimal = form.get("date_format", "").strip() or None, form.get("decimal") or None
    if date_format:
        parse_time_format(date_format)
    if decimal is not None and decimal not in DECIMALS:
        raise InvalidInput(f"decimal must be one of {' '.join(DECIMALS)}")
    return FileEntry(
        columns=columns,
        values={"type": meanings} if meanings and "type" in columns.values() else {},
        constants=constants,
        sheet=head.sheet,
        decimal=decimal,
        date_format=date_format,
    )


def _check_target(kind: str, name: str, target: str) -> None:
    known = FILE_COLUMNS[kind]
    if target != IGNORED and target not in known.names and not (known.keeps_others and target == name):
        raise InvalidInput(f"{target[:60]!r} is not a column of {kind}")
