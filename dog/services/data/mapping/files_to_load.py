"""Which files of a folder are loaded as what, by `dog.toml`."""

from dataclasses import dataclass
from pathlib import Path

from dog.services.data.mapping.file_columns import KINDS
from dog.services.data.mapping.load_map import LoadMap
from dog.services.data.mapping.map_entries import FileEntry
from dog.services.data.mapping.propose_files import data_files


@dataclass(frozen=True, slots=True, kw_only=True)
class FileToLoad:
    """A file, what its rows are, and how it is written."""

    kind: str
    path: Path
    entry: FileEntry


def files_to_load(folder: Path, load_map: LoadMap) -> tuple[list[FileToLoad], list[Path]]:
    """Return the files of a folder in the order in which they are loaded, and those of which the map says nothing.

    A file has the entries with its path; one without any is of the kind that it is named as, such as `contacts.csv`.
    """
    found, unknown = [], []
    for path in data_files(folder):
        own = [entry for entry in load_map.files.values() if entry.path and Path(entry.path).name == path.name]
        kind = path.name.partition(".")[0].casefold()
        if own:
            found += [FileToLoad(kind=str(entry.kind), path=path, entry=entry) for entry in own]
        elif kind in KINDS:
            found.append(FileToLoad(kind=kind, path=path, entry=load_map.entry(kind, path)))
        else:
            unknown.append(path)
    return sorted(found, key=lambda one: KINDS.index(one.kind)), unknown
