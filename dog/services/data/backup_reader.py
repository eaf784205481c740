"""Read backup files. Nothing in them is trusted: they may have been forged, SHA-256 included.

Every line is checked before any is restored. Lines are bounded, so that a small file cannot fill the memory.
"""

import gzip
import hashlib
import io
import re
import zlib
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, Any, TypeGuard, cast

import orjson

from dog.errors import InvalidInput
from dog.services.data.backup_writer import FORMAT, MAX_LINE_BYTES, VERSION
from dog.services.data.encrypted_file import MAGIC, DecryptingReader
from dog.storage.schema import SCHEMA
from dog.storage.store import MOST_PARTITIONS
from dog.storage.tenant_dump import DumpedKey

GZIP_MAGIC = b"\x1f\x8b"
MAX_LINE_VALUES = 1_000_000
MAX_FRAME_BYTES = 4096
"""Of the first line and the last two, which hold no key."""
MAX_EXPIRY_MS = 10 * 366 * 86_400_000
Frame = dict[str, Any]
SECRET = re.compile(r"[0-9a-f]{64}")
SCORE = re.compile(rb"-?\d{1,20}(\.\d{1,20})?(e[+-]?\d{1,2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupHead:
    """What a verified backup says of its tenant."""

    secret: bytes
    partitions: int
    schema: int
    keys: int


def is_encrypted(file: Path) -> bool:
    """Return whether a file is an encrypted backup; False if it cannot be read."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


class BackupFile:
    """A backup open for reading."""

    def __init__(self, path: Path, passphrase: bytes | None = None) -> None:
        self.path, self._passphrase = path, passphrase

    def verify(self) -> BackupHead:
        """Verify the whole file and return its head; raise `InvalidInput` if anything in it is wrong."""
        hashed, lines = hashlib.sha256(), self._lines()
        first = next(lines, b"")
        secret, partitions, schema = self._head(self._frame(first))
        hashed.update(first)
        count, last, foot = 0, None, None
        for line in lines:
            if line.startswith(b"[") and foot is None:
                key = self._key(line, partitions)
                count, last = count + ((key.partition, key.name) != last), (key.partition, key.name)
            elif foot is None:
                foot = self._frame(line)
            else:
                self._check_end(self._frame(line), hashed.hexdigest(), foot, count, rest=next(lines, None))
                return BackupHead(secret=secret, partitions=partitions, schema=schema, keys=count)
            hashed.update(line)
        raise self.damaged("it was truncated")

    def keys(self, head: BackupHead) -> Iterator[tuple[int, DumpedKey]]:
        """Yield the keys of a verified file in parts, each with the number of its key."""
        parts = (self._key(line, head.partitions) for line in self._lines() if line.startswith(b"["))
        for number, (_, of_key) in enumerate(groupby(parts, key=lambda part: (part.partition, part.name)), 1):
            for part in of_key:
                yield number, part

    def damaged(self, why: str) -> InvalidInput:
        """Return the error for a file that is refused."""
        return InvalidInput(f"{self.path} cannot be restored: {why}; nothing was written", code="damaged_backup")

    def _lines(self) -> Iterator[bytes]:
        """Yield lines of bounded length."""
        try:
            with ExitStack() as opened:
                stream = self._open(opened)
                while line := stream.readline(MAX_LINE_BYTES + 1):
                    if len(line) > MAX_LINE_BYTES:
                        raise self.damaged(f"a line is longer than {MAX_LINE_BYTES:,} bytes")
                    yield line
        except FileNotFoundError:
            raise InvalidInput(f"{self.path} is not there") from None
        except (OSError, EOFError, zlib.error) as error:
            raise self.damaged(getattr(error, "strerror", None) or str(error)) from None

    def _open(self, opened: ExitStack) -> IO[bytes]:
        stream: io.BufferedReader = opened.enter_context(self.path.open("rb"))
        if stream.peek(len(MAGIC)).startswith(MAGIC):
            if self._passphrase is None:
                raise self.damaged("it is encrypted, and no passphrase was given")
            stream = io.BufferedReader(DecryptingReader(stream, self._passphrase))
        if stream.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC):
            return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
        return stream

    def _frame(self, line: bytes) -> Frame:
        """Parse a line that is not a key."""
        try:
            parsed = orjson.loads(line) if len(line) <= MAX_FRAME_BYTES else None
        except orjson.JSONDecodeError:
            raise self.damaged("a line is not JSON") from None
        if not isinstance(parsed, dict):
            raise self.damaged("it is not a backup of DOG")
        return parsed

    def _head(self, head: Frame) -> tuple[bytes, int, int]:
        """Return secret, partitions and schema."""
        tenant, schema = head.get("tenant"), head.get("schema", 1)
        if head.get("format") != FORMAT or not isinstance(tenant, dict):
            raise self.damaged("it is not a backup of DOG")
        if not _is_whole(head.get("version"), VERSION, VERSION):
            raise self.damaged(f"it has version {_shown(head.get('version'))}; this release reads version {VERSION}")
        if not _is_whole(schema, 1, SCHEMA):
            raise self.damaged(f"it has schema {_shown(schema)}; this release reads schemas up to {SCHEMA}")
        secret, partitions = tenant.get("secret"), tenant.get("partitions")
        if not isinstance(secret, str) or not SECRET.fullmatch(secret):
            raise self.damaged("its tenant has no secret of 32 bytes")
        if not _is_whole(partitions, 1, MOST_PARTITIONS):
            raise self.damaged(f"its tenant has {_shown(partitions)} partitions; 1 to {MOST_PARTITIONS} are possible")
        return bytes.fromhex(secret), partitions, schema

    def _check_end(self, end: Frame, sha256: str, foot: Frame, count: int, *, rest: bytes | None) -> None:
        if end.get("sha256") != sha256:
            raise self.damaged("its contents do not match their SHA-256")
        if rest is not None or not _is_whole(foot.get("keys"), count, count):
            raise self.damaged("it does not hold as many keys as it says")

    def _key(self, line: bytes, partitions: int) -> DumpedKey:
        # a line of other brackets or more commas would take many times its length in memory
        if line.count(b"[") > 2 or b"{" in line or line.count(b",") > MAX_LINE_VALUES:
            raise self.damaged("a line is not a key")
        try:
            partition, name, kind, expires_ms, values = orjson.loads(line)
            key = DumpedKey(
                partition=partition,
                name=b64decode(name, validate=True),
                kind=kind.encode(),
                expires_ms=expires_ms,
                values=[b64decode(value, validate=True) for value in values],
            )
        except (ValueError, TypeError, AttributeError):  # orjson's error is a ValueError
            raise self.damaged("a line is not a key") from None
        if not (
            (partition is None or _is_whole(partition, 0, partitions - 1))
            and (expires_ms == -1 or _is_whole(expires_ms, 1, MAX_EXPIRY_MS))
            and type(expires_ms) is int
            and isinstance(values, list)
        ):
            raise self.damaged("a line has an impossible partition or expiry")
        if not key.is_known:
            raise self.damaged(f"it holds a key that this release does not know: {key.name[:40]!r}")
        if not _have_shape(key.kind, key.values):
            raise self.damaged(f"the values of a {kind} are not a {kind}")
        return key


def _is_whole(value: object, least: int, most: int) -> TypeGuard[int]:
    return type(value) is int and least <= value <= most  # True is an int, too


def _shown(value: Any) -> str:
    return repr(value)[:20]


def _have_shape(kind: bytes, values: list[bytes]) -> bool:
    """Return whether values are those of a kind of key: one; members; fields and values; members and scores."""
    if kind == b"string":
        return len(values) == 1
    if kind == b"set":
        return bool(values)
    is_paired = bool(values) and len(values) % 2 == 0
    return is_paired and (kind == b"hash" or all(map(SCORE.fullmatch, values[1::2])))
