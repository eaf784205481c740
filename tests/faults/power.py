"""A disk that forgets at a power cut what was not synced: the strictest that POSIX allows.

Of a file the bytes remain that its last fsync covered; of a folder the entries that it had at its own last fsync. So a
file whose folder was not synced is gone, a rename is undone, and a folder that was never synced is empty.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).with_name("record_syncs.c")
COMPILER = shutil.which("cc") or shutil.which("gcc")
NO_COMPILER = "unsynced writes are dropped by a library that needs a C compiler (cc or gcc), and there is none"


@dataclass
class ForgetfulDisk:
    """A folder, `root`, and in `kept` the library and its records; both lie on one file system."""

    root: Path
    kept: Path
    sizes: dict[str, int] = field(default_factory=dict)  # by inode, as of the last sync
    entries: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)  # by folder: inode, kind, name

    @property
    def library(self) -> Path:
        """The library that processes load (LD_PRELOAD)."""
        return self.kept / "record_syncs.so"

    def build(self) -> None:
        """Compile the library."""
        assert COMPILER, NO_COMPILER
        self.kept.mkdir()
        names = [f'-DROOT="{self.root}"', f'-DKEPT="{self.kept}"']
        command = [COMPILER, "-shared", "-fPIC", "-O1", "-Wall", *names, str(SOURCE), "-o", str(self.library), "-ldl"]
        subprocess.run(command, check=True)

    def cut_power(self) -> None:
        """Drop what was not synced; no process may use the folder."""
        self._read_log()
        self._restore(self.root)

    def _read_log(self) -> None:
        log = self.kept / "log"
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        listed: list[tuple[str, str, str]] = []
        for line in lines:
            kind, rest = line.split(" ", 1)
            if kind == "F":
                inode, size = rest.split(" ")
                self.sizes[inode] = int(size)
            elif kind == "D":
                listed = self.entries[rest] = []
            else:
                inode, entry, name = rest.split(" ", 2)
                listed.append((inode, entry, name))

    def _restore(self, folder: Path) -> None:
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        for inode, kind, name in self.entries.get(str(folder), []):
            path = folder / name
            if kind == "d":
                path.mkdir(mode=0o700)
                self._restore(path)
            else:
                os.link(self.kept / inode, path)
                os.truncate(path, self.sizes.get(inode, 0))
