"""What `dog init` shows and asks before it writes `dog.toml`."""

from collections.abc import Sequence
from dataclasses import replace

import click
from rich.table import Table

from dog.cli.terminal import table_console
from dog.errors import InvalidInput
from dog.services.data.data_rows import Row
from dog.services.data.mapping.cell_contents import types_of_words
from dog.services.data.mapping.file_columns import FILE_COLUMNS, KINDS
from dog.services.data.mapping.file_head import FileHead
from dog.services.data.mapping.map_entries import DECIMALS, FileEntry
from dog.services.data.mapping.mapped_file import open_mapped
from dog.services.data.mapping.match_columns import IGNORED, join_names
from dog.services.data.mapping.propose_entry import Proposal, propose_entry
from dog.services.data.mapping.propose_files import SkippedFile
from dog.services.data.sources.typed_rows import map_typed_rows

MAX_SHOWN = 8
SKIP = "skip"
TYPES = ("pitch", "win", "loss", "accept", "discard", SKIP)
FORMATS = {"ambiguous_date": ("date_format", ("dd/mm/yyyy", "mm/dd/yyyy")), "ambiguous_number": ("decimal", DECIMALS)}
"""What is asked where the values of a file do not tell, by the code of the error."""


def show_proposals(proposals: Sequence[Proposal], skipped: Sequence[SkippedFile]) -> None:
    """Print what each file is taken for."""
    table = Table("file", "rows are", "columns and words")
    for one in proposals:
        table.add_row(one.head.name, one.entry.kind, "\n".join(_describe(one)))
    for passed in skipped:
        table.add_row(passed.name, SKIP, passed.why)
    table_console(120).print(table)


def _describe(one: Proposal) -> list[str]:
    entry = one.entry
    renamed = [f"{source} -> {target}" for source, target in entry.columns.items() if target != IGNORED]
    ignored = [source for source, target in entry.columns.items() if target == IGNORED]
    words = [f"{text} = {word}" for text, word in entry.values.get("type", {}).items()]
    lines = [join_names(renamed, MAX_SHOWN) if renamed else "names as in docs/how-to/data.md"]
    lines += [f"type: {join_names(words, MAX_SHOWN)}"] if words else []
    lines += [f"no outcome, left out: {join_names(one.unknown_words, MAX_SHOWN)}"] if one.unknown_words else []
    lines += [f"ignored: {join_names(ignored, MAX_SHOWN)}"] if ignored else []
    lines += [f"{name} = {value} in all rows" for name, value in entry.constants.items()]
    return lines + ([f"missing: {', '.join(one.missing)}"] if one.missing else [])


def agree_on(proposals: Sequence[Proposal], *, asks: bool) -> list[Proposal]:
    """Return the proposals that can be loaded: those that were shown, or as the user corrects them.

    Raise `InvalidInput` where nothing is asked and a file lacks a column, or may be read in two ways.
    """
    if asks and not click.confirm("Is this right? (no: file by file)", default=True):
        proposals = [found for one in proposals if (found := _correct(one)) is not None]
    agreed = [_complete(one, asks=asks) for one in proposals]
    if not agreed:
        raise InvalidInput("no file is left to load")
    return agreed


def _correct(one: Proposal) -> Proposal | None:
    """Ask what a file is, which column is which, and what its words stand for; None to leave it out."""
    click.echo(f"\n{one.head.name}: {', '.join(one.head.columns)}")
    kind = click.prompt("  rows are", type=click.Choice([*KINDS, SKIP]), default=one.entry.kind)
    if kind == SKIP:
        return None
    found = one if kind == one.entry.kind else propose_entry(one.head, kind)
    if found is None:
        return None
    columns = dict(found.entry.columns)
    sources = {target: source for source, target in columns.items() if target != IGNORED}
    for target in FILE_COLUMNS[kind].required:
        if target in found.entry.constants:
            continue
        proposed = sources.get(target, target if target in one.head.columns else None)
        source = click.prompt(f"  {target} is the column", type=click.Choice(one.head.columns), default=proposed)
        columns = {name: of for name, of in columns.items() if of != target} | {source: target}
    entry = replace(found.entry, columns=columns)
    missing = [name for name in found.missing if name not in columns.values()]
    return _ask_words(replace(found, entry=entry, missing=missing))


def _ask_words(one: Proposal) -> Proposal:
    source = next((source for source, target in one.entry.columns.items() if target == "type"), "type")
    words = types_of_words(one.head.values(source)) if one.entry.kind == "feedback" else {}
    told = {
        word: click.prompt(f"  {word!r} is", type=click.Choice(TYPES), default=of or SKIP) for word, of in words.items()
    }
    values = {word: kind for word, kind in told.items() if kind not in (SKIP, word.casefold())}
    entry = replace(one.entry, values={"type": values} if values else {})
    return replace(one, entry=entry, unknown_words=[word for word, kind in told.items() if kind == SKIP])


def _complete(one: Proposal, *, asks: bool) -> Proposal:
    """Return a proposal that can be read, its skipped words included; ask for a format that the values do not tell."""
    if one.missing:
        columns = join_names(one.head.columns, 40)
        raise InvalidInput(
            f"{one.head.name}: no column for {', '.join(one.missing)} of {one.entry.kind}; columns found: {columns}. "
            "Rename the column, answer the questions of init (without --yes), or move the file elsewhere"
        )
    skipped = dict.fromkeys(one.unknown_words, "")
    entry = one.entry
    if skipped:
        entry = replace(entry, values={"type": {**entry.values.get("type", {}), **skipped}})
    return replace(one, entry=_with_formats(one, entry, asks=asks))


def _check(head: FileHead, entry: FileEntry) -> None:
    """Raise `InvalidInput` where the rows cannot be read by an entry."""
    kind = str(entry.kind)
    if not head.query:
        open_mapped(kind, head.path, entry)
        return
    rows = [Row(line, dict(fields)) for line, fields in enumerate(head.rows, 1)]
    map_typed_rows(kind, head.columns, rows, entry, table=f"sources.{head.path}")


def _with_formats(one: Proposal, entry: FileEntry, *, asks: bool) -> FileEntry:
    for _ in FORMATS:
        try:
            _check(one.head, entry)
        except InvalidInput as error:
            if not asks or error.code not in FORMATS:
                raise
            click.echo(error.message)
            key, choices = FORMATS[error.code]
            answer = click.prompt(f"  {key}", type=click.Choice(choices))
            entry = replace(entry, decimal=answer) if key == "decimal" else replace(entry, date_format=answer)
    return entry
