"""The archive: files in a folder or an object store, for what Redis need not hold.

A file appears whole or not at all, under a name that is not used twice for other contents, weeks apart.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from time import monotonic
from typing import IO, Any

from dog.errors import ArchiveUnavailable

AWAY_SECONDS = 5.0
"""How long calls fail at once after one that failed: a request must not wait for a store that is away."""
MISSING = "archive_file_missing"
BROKEN = "archive_file_broken"
S3_OPTIONS = {
    "skip_instance_cache": True,
    "use_listings_cache": False,
    "config_kwargs": {"connect_timeout": 2, "read_timeout": 10, "retries": {"total_max_attempts": 2}},
}


class Archive:
    """The files of one tenant, under `ROOT/TENANT`; connects with the first call.

    Every method raises `ArchiveUnavailable` if the archive cannot be reached, or lacks the file, or it is broken.
    """

    def __init__(self, root: str, tenant: str, *, takes_cold: bool = False) -> None:
        self.takes_cold = takes_cold
        """Whether versions and decisions move here: every process must reach it."""
        self._root, self._tenant = root, tenant
        self._away_until = 0.0

    @cached_property
    def _place(self) -> tuple[Any, str]:
        """File system and folder of the tenant."""
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # noqa: PLC0415  # up to 0.9 s to import

        protocol = self._root.partition("://")[0]
        fs, path = url_to_fs(self._root, **(S3_OPTIONS if protocol in ("s3", "s3a") else {}))
        if protocol in ("s3", "s3a"):
            fs.retries = 2
        return fs, f"{path.rstrip('/')}/{self._tenant}"

    @property
    def _is_folder(self) -> bool:
        return "file" in self._place[0].protocol

    @contextmanager
    def reached(self, name: str) -> Iterator[None]:
        """Turn what file systems raise, and what Arrow raises of the file read in the block, into one error."""
        if not self._root:
            raise ArchiveUnavailable("this process has no archive")
        if monotonic() < self._away_until:
            raise ArchiveUnavailable("the archive did not answer a moment ago; it is tried again every few seconds")
        try:
            yield
        except ArchiveUnavailable:
            raise
        except FileNotFoundError:
            raise ArchiveUnavailable(f"the archive lacks {self._tenant}/{name}", code=MISSING) from None
        except Exception as error:  # each file system raises classes of its own
            if _is_of_content(error):
                says = (
                    f"{self._tenant}/{name} of the archive is broken ({error}); restore it from a copy of DOG_ARCHIVE"
                )
                raise ArchiveUnavailable(says, code=BROKEN) from None
            self._away_until = monotonic() + AWAY_SECONDS
            raise ArchiveUnavailable(f"the archive cannot be reached (DOG_ARCHIVE): {error}") from error

    def put(self, name: str, content: bytes) -> None:
        """Write a file, or replace it: readers see all of it or nothing; in a folder it is on disk then."""
        with self.reached(name):
            fs, folder = self._place
            path = f"{folder}/{name}"
            if not self._is_folder:
                fs.pipe_file(path, content)  # an upload appears when it is complete
                return
            os.makedirs(parent := os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120  # fsspec has texts
            with open(f"{path}.part", "wb") as file:  # noqa: PTH123  # as above
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(f"{path}.part", path)  # noqa: PTH105  # as above
            handle = os.open(parent, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)

    def read(self, name: str) -> bytes:
        """Read a whole file."""
        with self.reached(name):
            fs, folder = self._place
            content: bytes = fs.cat_file(f"{folder}/{name}")
            return content

    def find(self, name: str) -> bytes | None:
        """Read a whole file; None where there is none."""
        try:
            return self.read(name)
        except ArchiveUnavailable as error:
            if error.code != MISSING:
                raise
            return None

    @contextmanager
    def opened(self, name: str, size: int) -> Iterator[IO[bytes]]:
        """Open a file of a known size, to read parts of it."""
        with self.reached(name):
            fs, folder = self._place
            options = {} if self._is_folder else {"size": size, "cache_type": "none"}
            with fs.open(f"{folder}/{name}", "rb", **options) as file:
                yield file

    def names(self, folder: str) -> list[str]:
        """List the files under a folder, sorted; none where there is no such folder."""
        with self.reached(folder):
            fs, root = self._place
            found = fs.find(f"{root}/{folder}")
            return sorted(path[path.rindex(f"{root}/") + len(root) + 1 :] for path in found)

    def folders(self) -> list[str]:
        """List the folders of the tenant, sorted."""
        with self.reached(""):
            fs, root = self._place
            try:
                found = fs.ls(root, detail=True)
            except FileNotFoundError:
                return []
            return sorted(entry["name"].rstrip("/").rpartition("/")[2] for entry in found if entry["type"] != "file")

    def remove(self, names: Sequence[str]) -> None:
        """Remove files; those that are gone already are left out."""
        for name in names:
            with self.reached(name):
                fs, folder = self._place
                try:
                    fs.rm_file(f"{folder}/{name}")
                except FileNotFoundError:
                    continue


def _is_of_content(error: Exception) -> bool:
    """Return whether Arrow has refused the bytes of a file; its `OSError` has no number, unlike those of files."""
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, for cold data only

    return isinstance(error, pa.ArrowException) or (type(error) is OSError and error.errno is None)


NO_ARCHIVE = Archive("", "")
