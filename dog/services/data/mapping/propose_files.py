"""Propose how the files of a folder are loaded, and write that as `dog.toml`."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path
from typing import Any

import tomli_w

from dog.errors import InvalidInput
from dog.services.data.mapping.file_columns import KINDS
from dog.services.data.mapping.file_head import FileHead, read_heads
from dog.services.data.mapping.map_entries import FileEntry, SourceEntry
from dog.services.data.mapping.match_columns import join_names
from dog.services.data.mapping.propose_entry import Proposal, propose_entry
from dog.services.data.mapping.reject_names import REJECTED
from dog.services.data.read_rows import FORMATS

ID_COLUMNS = {"contacts": "contact_id", "products": "product_id"}
MAX_SHOWN = 12
NO_SOURCES: Mapping[str, SourceEntry] = {}
FIRST = ("kind", "path", "url", "query", "cursor", "every")
HEADER = "# Written by dog init; see docs/reference/dog_toml.md.\n\n"


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that is not loaded, and why."""

    name: str
    why: str
    _: KW_ONLY
    is_broken: bool = False  # it cannot be read; else it is none of the kinds


def propose_files(folder: Path) -> tuple[list[Proposal], list[SkippedFile]]:
    """Propose what each file of a folder is; files of rejected rows and of other endings are passed over."""
    heads: list[FileHead] = []
    skipped = []
    for path in data_files(folder):
        try:
            heads += read_heads(path)
        except InvalidInput as error:
            why = error.message.removeprefix(f"{path.name}: ")
            skipped.append(SkippedFile(path.name, why, is_broken=True))
    proposals, unknown = propose_heads(heads)
    return proposals, [*skipped, *unknown]


def propose_heads(heads: Sequence[FileHead]) -> tuple[list[Proposal], list[SkippedFile]]:
    """Propose what each of some files, sheets or tables is; a column may be recognized by the ids of another."""
    first = [found for head in heads if (found := propose_entry(head)) is not None]
    known_ids = _known_ids(first)
    proposals, skipped = [], []
    for head in heads:
        found = propose_entry(head, known_ids=known_ids)
        if found is None:
            columns = join_names(head.columns, MAX_SHOWN)
            skipped.append(SkippedFile(head.name, f"no columns of a known kind ({', '.join(KINDS)}): {columns}"))
        else:
            proposals.append(found)
    return sorted(proposals, key=lambda one: (KINDS.index(str(one.entry.kind)), one.head.name)), skipped


def data_files(folder: Path) -> list[Path]:
    """Return the files of a folder that have the ending of a data file, without those of rejected rows."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file()
        and {*map(str.lower, path.suffixes)}.intersection(FORMATS)
        and not REJECTED.fullmatch(path.name)
        and not path.name.startswith(("~$", "."))  # what Excel leaves beside an open workbook
    ]


def name_proposals(proposals: Sequence[Proposal]) -> dict[str, Proposal]:
    """Name proposals by their kinds, where several are of a kind by their files."""
    kinds = Counter(str(one.entry.kind) for one in proposals)
    named: dict[str, Proposal] = {}
    for one in proposals:
        kind = str(one.entry.kind)
        name = kind if kinds[kind] == 1 else _slug(f"{one.head.path.stem} {one.head.sheet or ''}")
        number = 2
        while name in named or (name in KINDS and name != kind):
            name, number = f"{name}-{number}", number + 1
        named[name] = one
    return named


def write_map(entries: Mapping[str, FileEntry], sources: Mapping[str, SourceEntry] = NO_SOURCES) -> str:
    """Return the text of a `dog.toml` with these entries.

    Examples
    --------
    >>> print(write_map({"deals": FileEntry(kind="feedback", path="a.csv", columns={"Kunde": "contact_id"})}))
    # Written by dog init; see docs/reference/dog_toml.md.
    <BLANKLINE>
    [files.deals]
    kind = "feedback"
    path = "a.csv"
    <BLANKLINE>
    [files.deals.columns]
    Kunde = "contact_id"
    <BLANKLINE>

    """
    tables = {
        "files": {name: _table(entry) for name, entry in entries.items()},
        "sources": {name: _table(entry) for name, entry in sources.items()},
    }
    return HEADER + tomli_w.dumps({key: table for key, table in tables.items() if table})


def _table(entry: FileEntry | SourceEntry) -> dict[str, Any]:
    """Return what is stated, what it is and where it comes from first."""
    stated = {key: value for key, value in asdict(entry).items() if value}
    first = {key: stated[key] for key in FIRST if key in stated}
    return first | stated


def _known_ids(proposals: Sequence[Proposal]) -> Mapping[str, Collection[str]]:
    known: dict[str, set[str]] = {}
    for one in proposals:
        target = ID_COLUMNS.get(str(one.entry.kind))
        if target is not None:
            source = next((name for name, of in one.entry.columns.items() if of == target), target)
            known.setdefault(target, set()).update(map(str, one.head.values(source)))
    return known


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-") or "file"
