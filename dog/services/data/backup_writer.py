"""Write backup files: NDJSON of a head, one line a key or a part of it, the number of keys, and a SHA-256 of them all.

The file may be packed (gzip), encrypted, or both; `backup_reader.py` reads it.
"""

import gzip
import hashlib
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, cast

import orjson

from dog.core.iso_weeks import iso_time
from dog.errors import InvalidInput
from dog.services.data.encrypted_file import EncryptingWriter
from dog.services.data.unfinished_file import unfinished_file
from dog.storage.schema import SCHEMA
from dog.storage.store import Tenant
from dog.storage.tenant_dump import DumpedKey

FORMAT, VERSION = "dog-backup", 1
MAX_LINE_BYTES = 64 << 20
"""Of a line with one large value; other keys are written in parts of a megabyte."""


def pack_key(key: DumpedKey) -> bytes:
    """Return the lines of a key; raise `InvalidInput` if one of its values is too long to be read again."""
    return b"".join(map(_pack_part, key.parts()))


def _pack_part(part: DumpedKey) -> bytes:
    values = [b64encode(value).decode() for value in part.values]
    line = _pack([part.partition, b64encode(part.name).decode(), part.kind.decode(), part.expires_ms, values])
    if len(line) > MAX_LINE_BYTES:
        raise InvalidInput(f"a value of {len(line):,} bytes is larger than a backup holds ({MAX_LINE_BYTES:,})")
    return line


def _pack(line: Any) -> bytes:
    return orjson.dumps(line) + b"\n"


class BackupWriter:
    """Writes the lines of a backup; `keys` counts the keys written."""

    def __init__(self, out: IO[bytes], tenant: Tenant, now_ms: int) -> None:
        self._out, self._hashed, self.keys = out, hashlib.sha256(), 0
        described = {"name": tenant.name, "secret": tenant.secret.hex(), "partitions": tenant.partition_count}
        created_at = iso_time(now_ms, "seconds")
        head = {"format": FORMAT, "version": VERSION, "schema": SCHEMA, "created_at": created_at, "tenant": described}
        self._write(_pack(head))

    def write_keys(self, count: int, lines: bytes) -> None:
        """Write the lines of some keys."""
        self.keys += count
        self._write(lines)

    def write_foot(self) -> None:
        """Write the number of keys, and the SHA-256 of all lines."""
        self._write(_pack({"keys": self.keys}))
        self._out.write(_pack({"sha256": self._hashed.hexdigest()}))

    def _write(self, lines: bytes) -> None:
        self._hashed.update(lines)
        self._out.write(lines)


@contextmanager
def replacing_file(file: Path, passphrase: bytes | None) -> Iterator[IO[bytes]]:
    """Open a file that only its owner can read, and that replaces `file` once all of it is on disk."""
    try:
        with unfinished_file(file) as unfinished:
            unfinished.unlink(missing_ok=True)
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as plain:
                with ExitStack() as layers:
                    out: IO[bytes] = plain
                    if passphrase is not None:
                        out = cast("IO[bytes]", layers.enter_context(EncryptingWriter(out, passphrase)))
                    if file.suffix == ".gz":
                        packed = gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=out)
                        out = cast("IO[bytes]", layers.enter_context(packed))
                    yield out
                plain.flush()
                os.fsync(plain.fileno())
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror or error}") from None
