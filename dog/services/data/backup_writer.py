"""Write backup files: NDJSON of a head, one line a key or a part of it, the number of keys, and a SHA-256 of them all.

The file may be packed (gzip), encrypted, or both; `backup_reader.py` reads it.
"""

import gzip
import hashlib
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

import orjson

from dog.core.iso_weeks import iso_time
from dog.errors import InvalidInput
from dog.services.data.encrypted_file import EncryptingWriter
from dog.storage.schema import SCHEMA
from dog.storage.store import Tenant
from dog.storage.tenant_dump import DumpedKey

FORMAT, VERSION = "dog-backup", 1
MAX_LINE_BYTES = 64 << 20
"""Of a line with one large value; other keys are written in parts of a megabyte."""


class BackupWriter:
    """Writes the lines of a backup."""

    def __init__(self, out: IO[bytes], tenant: Tenant, now_ms: int) -> None:
        self._out, self._hashed, self._file_keys = out, hashlib.sha256(), 0
        described = {"name": tenant.name, "secret": tenant.secret.hex(), "partitions": tenant.partition_count}
        created_at = iso_time(now_ms, "seconds")
        self._write(
            {"format": FORMAT, "version": VERSION, "schema": SCHEMA, "created_at": created_at, "tenant": described}
        )

    def write_key(self, key: DumpedKey) -> None:
        """Write a key; raise `InvalidInput` if one of its values is too long to be read again."""
        self._file_keys += 1
        for part in key.parts():
            values = [b64encode(value).decode() for value in part.values]
            name, kind = b64encode(part.name).decode(), part.kind.decode()
            self._write([part.partition, name, kind, part.expires_ms, values])

    def write_foot(self) -> None:
        """Write the number of keys, and the SHA-256 of all lines."""
        self._write({"keys": self._file_keys})
        self._out.write(orjson.dumps({"sha256": self._hashed.hexdigest()}) + b"\n")

    def _write(self, line: Any) -> None:
        packed = orjson.dumps(line) + b"\n"
        if len(packed) > MAX_LINE_BYTES:
            raise InvalidInput(f"a value of {len(packed):,} bytes is larger than a backup holds ({MAX_LINE_BYTES:,})")
        self._hashed.update(packed)
        self._out.write(packed)


@contextmanager
def replacing_file(file: Path, passphrase: bytes | None) -> Iterator[IO[bytes]]:
    """Open a file that only its owner can read, and that replaces `file` once all of it is on disk."""
    unfinished = file.with_name(file.name + ".part")
    try:
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
        unfinished.replace(file)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink()
