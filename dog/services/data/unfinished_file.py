"""Write a file whole or not at all: beside its place, which it takes when it is complete."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def unfinished_file(file: Path) -> Iterator[Path]:
    """Yield the path to write to; it replaces `file` at the end, and is removed after an error."""
    unfinished = file.with_name(file.name + ".part")
    try:
        yield unfinished
        unfinished.replace(file)
    except BaseException:
        with suppress(OSError):  # the error says more
            unfinished.unlink()
        raise
