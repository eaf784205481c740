"""`dog.toml`: how the files of a tenant are written, and what their columns and values are called there."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from dog.core.documents.choice_fields import ChoiceField
from dog.core.documents.fields import DocumentField, TextField, TextsField, read_text
from dog.core.documents.section import Section, nearest
from dog.core.documents.tables import DocumentTable
from dog.core.documents.text_maps import TextMapField, TextMapsField
from dog.errors import InvalidInput, InvalidPolicy
from dog.services.data.file_dialect import DELIMITERS
from dog.services.data.mapping.cell_times import parse_time_format
from dog.services.data.mapping.cell_words import EMPTY
from dog.services.data.mapping.file_columns import FILE_COLUMNS, KINDS
from dog.services.data.mapping.match_columns import IGNORED, fold_name
from dog.storage.ids import SLUG
from dog.storage.policy_files import parse_policy_toml, place_faults

DECIMALS = (".", ",")
SCHEMES = ("standard", "hubspot", "segment", "rudderstack", "token", "basic")
"""Ways in which a sender of a hook proves who it is; `dog/services/hooks/schemes.py` has each."""
WITHOUT_ID = ("token", "basic")
"""Schemes of which no usual place of an id is known."""
MAX_FILES = 100
MAX_BYTES = 1 << 20
REJECTED = re.compile(r"(.+)\.rejected(?:\.(\d+))?\.csv")
"""The name of a file of rejected rows: that of the file from which they come, and how often they were rejected."""


def check_encoding(name: str) -> None:
    """Raise `InvalidInput` where Python has no text encoding of this name."""
    try:
        "".encode(name)
    except (LookupError, ValueError):
        raise InvalidInput(
            f"{name[:60]!r} is no encoding; write utf-8, cp1252, utf-16, iso-8859-15 or the like"
        ) from None


@dataclass(frozen=True, slots=True)
class CheckedTextField(DocumentField):
    """A text that a function refuses by raising `InvalidInput`."""

    check: Callable[[str], object] = field(kw_only=True)

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read it."""
        text = read_text(section, key, default)
        try:
            if text:
                self.check(text)
        except InvalidInput as error:
            section.fault(key, "unknown_value", error.message)
            return default
        return text or None

    def _shape(self) -> dict[str, Any]:
        return {"type": "string"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMapping(DocumentTable):
    """How rows are mapped to the contract's columns and values, whatever they are read from."""

    columns: Annotated[
        Mapping[str, str],
        TextMapField('Columns of the contract by the names they have here; "" ignores a column.'),
    ] = field(default_factory=dict)
    values: Annotated[
        Mapping[str, Mapping[str, str]],
        TextMapsField("By column of the contract: its values by what stands for them here."),
    ] = field(default_factory=dict)
    constants: Annotated[
        Mapping[str, str], TextMapField("Columns of the contract that have one value in all rows, and that value.")
    ] = field(default_factory=dict)
    decimal: Annotated[str | None, ChoiceField("Decimal sign of numbers.", choices=DECIMALS)] = None
    date_format: Annotated[
        str | None, CheckedTextField("How dates are written, such as dd.mm.yyyy.", check=parse_time_format)
    ] = None
    ids: Annotated[
        str | None,
        ChoiceField(
            "salesforce: ids of 15 characters become those of 18, which name the same.", choices=("salesforce",)
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry(RowMapping):
    """One file: how it is written and mapped."""

    kind: Annotated[str | None, ChoiceField("What its rows are; by default the entry's name.", choices=KINDS)] = None
    path: Annotated[str | None, TextField("The file, relative to the folder of dog.toml.")] = None
    sheet: Annotated[str | None, TextField("Sheet of a workbook.")] = None
    delimiter: Annotated[str | None, ChoiceField("What separates the fields.", choices=tuple(DELIMITERS))] = None
    encoding: Annotated[str | None, CheckedTextField("Encoding of the text.", check=check_encoding)] = None


@dataclass(frozen=True, slots=True)
class PathsField(TextsField):
    """A path in a JSON body, or a list of them."""

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read it as a tuple, empty where it is missing."""
        value = section.given(key)
        return (value,) if isinstance(value, str) and value else TextsField.read(self, section, key, default)


@dataclass(frozen=True, slots=True, kw_only=True)
class HookEntry(RowMapping):
    """One hook: who may push events to it, where they are in its bodies, and how they are mapped."""

    scheme: Annotated[str, ChoiceField("How the sender proves who it is.", choices=SCHEMES)]
    items: Annotated[str | None, TextField("Path of the events in the body; by default the body itself.")] = None
    id: Annotated[tuple[str, ...], PathsField("Paths of what identifies an event for its sender.")] = ()
    only_with: Annotated[tuple[str, ...], PathsField("Paths without which an event is ignored.")] = ()


PLAIN = FileEntry()


@dataclass(frozen=True, slots=True)
class LoadMap:
    """The entries of a `dog.toml`, by name."""

    files: Mapping[str, FileEntry]
    hooks: Mapping[str, HookEntry] = field(default_factory=dict)

    def entry(self, kind: str, path: Path) -> FileEntry:
        """Return the entry of a file: that with its name, else that named as the kind, else the only one of the kind.

        A file of rejected rows has the entry of the file from which they come.
        """
        of_kind = {name: entry for name, entry in self.files.items() if entry.kind == kind}
        origin = REJECTED.fullmatch(path.name)
        names = {path.name, *([origin[1]] if origin else [])}
        for entry in of_kind.values():
            if entry.path and Path(entry.path).name in names:
                return entry
        if kind in of_kind or len(of_kind) == 1:
            return of_kind.get(kind) or next(iter(of_kind.values()))
        if of_kind:
            raise InvalidInput(
                f"none of the entries {', '.join(of_kind)} of the map has the path {path.name}; add it to one of them"
            )
        return PLAIN


def read_load_map(path: Path) -> LoadMap:
    """Read a `dog.toml`; raise `InvalidInput` with the line and column of every fault."""
    try:
        text = path.read_bytes()[: MAX_BYTES + 1].decode()
        return parse_load_map(text)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not UTF-8") from None
    except InvalidInput as error:
        raise InvalidInput(f"{path.name}: {error.message}", error.faults, code="invalid_map") from None


def parse_load_map(text: str) -> LoadMap:
    """Read the text of a `dog.toml`.

    Examples
    --------
    >>> parse_load_map('[files.feedback]' + chr(10) + 'sheat = "Deals"')
    Traceback (most recent call last):
    ...
    dog.errors.InvalidInput: line 2, column 1: /files/feedback/sheat: unknown key; did you mean sheet?

    """
    try:
        document = parse_policy_toml(text)
    except InvalidPolicy as error:
        raise InvalidInput(error.message, error.faults) from None
    whole = Section(document)
    files = {name: _read_entry(section, name) for name, section in _tables(whole, "files")}
    hooks = {name: _read_hook(section, name) for name, section in _tables(whole, "hooks")}
    whole.close()
    if whole.faults:
        faults = place_faults(text, document, whole.faults)
        raise InvalidInput(str(faults[0]), faults)
    return LoadMap(files, hooks)


def _tables(whole: Section, key: str) -> list[tuple[str, Section]]:
    """Return the tables of a table, by name."""
    tables = whole.section(key)
    if len(tables.table) > MAX_FILES:
        tables.fault(None, "too_many", f"has {len(tables.table):,} {key}; {MAX_FILES} are the most")
    return [(str(name), tables.section(str(name))) for name in list(tables.table)[:MAX_FILES]]


def _read_entry(section: Section, name: str) -> FileEntry:
    values = FileEntry.read_values(section)
    section.close()
    if values["kind"] is None:
        if name not in FILE_COLUMNS and "kind" not in section.table:
            section.fault(None, "missing", f"kind is missing: one of {', '.join(KINDS)}{nearest(name, KINDS)}")
        if name not in FILE_COLUMNS:
            return PLAIN
        values["kind"] = name
    entry = FileEntry(**values)
    _check_columns(section, entry, str(entry.kind))
    return entry


def _read_hook(section: Section, name: str) -> HookEntry:
    entry = HookEntry.read(section)
    if not SLUG.fullmatch(name):
        must = "must be 1 to 64 of a-z, 0-9, _ and -, and begin with a letter or digit"
        section.fault(None, "bad_name", f"the name of a hook {must}")
    if entry.scheme in WITHOUT_ID and not entry.id and "scheme" in section.table:
        section.fault(None, "missing", f"id is missing: scheme {entry.scheme} sends none; name the paths of one")
    if source := next((source for source, target in entry.columns.items() if target == "event_id"), None):
        section.section("columns").fault(source, "unknown_column", "event_id is made of the paths in id; leave it out")
    _check_columns(section, entry, "feedback")
    return entry


def _check_columns(section: Section, entry: RowMapping, kind: str) -> None:
    """Note a fault for each column that the kind does not have, and each word that a column cannot have."""
    columns = FILE_COLUMNS[kind]
    attributes = columns.keeps_others
    targets = section.section("columns")
    twice: dict[str, str] = {}
    for source, target in entry.columns.items():
        if target != IGNORED and not attributes:
            _check_name(targets, source, target, columns.names)
        if target != IGNORED and twice.setdefault(target, source) != source:
            targets.fault(source, "duplicate", f"{target} is the column {twice[target]!r} already")
    for part, named in (("values", entry.values), ("constants", entry.constants)):
        for column in named:
            if not attributes:
                _check_name(section.section(part), column, column, columns.names)
    for column, words in entry.values.items():
        inner = section.section("values").section(column)
        for text in [text for text, word in words.items() if word != EMPTY]:
            _check_word(inner, text, words[text], columns.choices.get(column, ()))
    for column, word in entry.constants.items():
        _check_word(section.section("constants"), column, word, columns.choices.get(column, ()))


def _check_name(section: Section, key: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        section.fault(key, "unknown_column", f"unknown column {name}{nearest(fold_name(name), names)}")


def _check_word(section: Section, key: str, word: str, choices: Iterable[str]) -> None:
    if choices and word not in choices:
        section.fault(key, "unknown_value", f"must be one of {', '.join(choices)}{nearest(word, choices)}")
