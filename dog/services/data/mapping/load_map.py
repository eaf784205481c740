"""Read a `dog.toml`: how the files, databases, topics and hooks of a tenant are mapped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from dog.core.documents.section import Section, nearest
from dog.errors import InvalidInput, InvalidPolicy
from dog.services.data.mapping.cell_words import EMPTY
from dog.services.data.mapping.file_columns import FILE_COLUMNS, KINDS
from dog.services.data.mapping.map_entries import PLAIN, FileEntry, HookEntry, RowMapping, SourceEntry, TopicEntry
from dog.services.data.mapping.match_columns import IGNORED, fold_name
from dog.services.data.mapping.reject_names import REJECTED
from dog.storage.ids import clean_slug
from dog.storage.policy_files import parse_policy_toml, place_faults

WITHOUT_ID = ("token", "basic")
"""Schemes of hooks of which no usual place of an id is known."""
MAX_FILES = 100
MAX_BYTES = 1 << 20

Entry = TypeVar("Entry", FileEntry, SourceEntry, TopicEntry)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadMap:
    """The entries of a `dog.toml`, by name."""

    files: Mapping[str, FileEntry]
    sources: Mapping[str, SourceEntry] = field(default_factory=dict)
    topics: Mapping[str, TopicEntry] = field(default_factory=dict)
    hooks: Mapping[str, HookEntry] = field(default_factory=dict)

    def entry(self, kind: str, path: Path) -> FileEntry:
        """Return the entry of a file: that with its name, else that named as the kind, else the only one of the kind.

        A file of rejected rows has the entry of the file from which they come.
        """
        of_kind = {name: entry for name, entry in self.files.items() if entry.kind == kind}
        origin = REJECTED.fullmatch(path.name)
        names = {path.name, *([origin[1]] if origin else [])}
        named: dict[str, SourceEntry | TopicEntry] = {**self.topics, **self.sources}
        source = named.get(origin[1]) if origin else None
        if source is not None and source.kind == kind:
            return FileEntry(kind=kind, **source.mapping)
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
    files = {name: _read_as(FileEntry, section, name) for name, section in _entries(whole, "files")}
    sources = {name: _read_named(SourceEntry, section, name) for name, section in _entries(whole, "sources")}
    topics = {name: _read_named(TopicEntry, section, name) for name, section in _entries(whole, "topics")}
    hooks = {name: _read_hook(section, name) for name, section in _entries(whole, "hooks")}
    whole.close()
    if whole.faults:
        faults = place_faults(text, document, whole.faults)
        raise InvalidInput(str(faults[0]), faults)
    return LoadMap(files=files, sources=sources, topics=topics, hooks=hooks)


def _entries(whole: Section, key: str) -> list[tuple[str, Section]]:
    """Return the tables under a key, by name."""
    tables = whole.section(key)
    if len(tables.table) > MAX_FILES:
        tables.fault(None, "too_many", f"has {len(tables.table):,} {key}; {MAX_FILES} are the most")
    return [(str(name), tables.section(str(name))) for name in [*tables.table][:MAX_FILES]]


def _read_named(kind: type[Entry], section: Section, name: str) -> Entry:
    """Read an entry whose name is kept in Redis and names files."""
    _check_name_of(section, name)
    return _read_as(kind, section, name)


def _read_as(kind: type[Entry], section: Section, name: str) -> Entry:
    values = kind.read_values(section)
    section.close()
    values["kind"] = values["kind"] or _find_kind(section, name)
    entry = kind(**values)
    if entry.kind is not None:
        _check_columns(section, entry, entry.kind)
    return entry


def _find_kind(section: Section, name: str) -> str | None:
    """Return the kind that the name of an entry is; note a fault where it is none and none is stated."""
    if name in FILE_COLUMNS:
        return name
    if "kind" not in section.table:
        section.fault(None, "missing", f"kind is missing: one of {', '.join(KINDS)}{nearest(name, KINDS)}")
    return None


def _read_hook(section: Section, name: str) -> HookEntry:
    entry = HookEntry.read(section)
    _check_name_of(section, name)
    if entry.scheme in WITHOUT_ID and not entry.id and "scheme" in section.table:
        section.fault(None, "missing", f"id is missing: scheme {entry.scheme} sends none; name the paths of one")
    if source := next((source for source, target in entry.columns.items() if target == "event_id"), None):
        section.section("columns").fault(source, "unknown_column", "event_id is made of the paths in id; leave it out")
    _check_columns(section, entry, "feedback")
    return entry


def _check_name_of(section: Section, name: str) -> None:
    try:
        clean_slug(name, "its name")
    except InvalidInput as error:
        section.fault(None, "bad_name", error.message)


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
