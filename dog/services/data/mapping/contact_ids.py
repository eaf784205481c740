"""The contacts of a folder without a file of contacts: the ids that its files of scores have."""

from collections.abc import Sequence
from dataclasses import replace

from dog.services.data.mapping.file_columns import KINDS
from dog.services.data.mapping.files_to_load import FileToLoad
from dog.services.data.mapping.map_entries import FileEntry
from dog.services.data.mapping.mapped_file import open_mapped
from dog.services.data.mapping.match_columns import IGNORED


def with_contact_ids(files: Sequence[FileToLoad]) -> list[FileToLoad]:
    """Return the files; where none has contacts, those of scores are files of contacts, too.

    Transactions and feedback need no such thing: their rows add contacts that are not there.
    """
    if any(one.kind == "contacts" for one in files):
        return [*files]
    added = [_contacts_of(one) for one in files if one.kind == "scores"]
    return sorted([*files, *added], key=lambda one: KINDS.index(one.kind))


def _contacts_of(scores: FileToLoad) -> FileToLoad:
    """Return a file of scores as one of contacts: all columns but that of the contact are ignored."""
    found = open_mapped("scores", scores.path, scores.entry)
    match = found.row_map.match
    columns = dict.fromkeys([*match.targets, *match.ignored], IGNORED)
    columns |= {source: target for source, target in match.targets.items() if target == "contact_id"}
    dialect = {name: getattr(scores.entry, name) for name in ("path", "sheet", "delimiter", "encoding", "ids")}
    return replace(scores, kind="contacts", entry=FileEntry(kind="contacts", columns=columns, **dialect))
