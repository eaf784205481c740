"""Files encrypted with a passphrase: the key is made by scrypt, the contents are chunks of ChaCha20-Poly1305.

A file is `MAGIC`, a random salt, and chunks with a tag each. The nonce of a chunk is its number and whether it is the
last one (the STREAM construction, as in age): a chunk that was changed, moved, repeated or left out is found, and so is
a file that was truncated. Reader and writer hold one chunk in memory; the key takes 128 MB for half a second.
"""

import io
import os
from functools import lru_cache
from typing import IO, TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

MAGIC = b"dog-encrypted-1\n"
SALT_BYTES = 16
CHUNK_BYTES = 1 << 16
TAG_BYTES = 16


class BadEncryptedFile(OSError):
    """The passphrase is wrong, or the file is damaged or truncated; an OSError as `gzip.BadGzipFile` is."""


@lru_cache(maxsize=1)  # a restore reads its file twice
def _cipher(passphrase: bytes, salt: bytes) -> ChaCha20Poly1305:
    """Derive the key; its cost is fixed, so that no forged file can ask for more."""
    return ChaCha20Poly1305(Scrypt(salt=salt, length=32, n=1 << 17, r=8, p=1).derive(passphrase))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


class EncryptingWriter(io.RawIOBase):
    """A stream that encrypts what is written to it; closing it writes the last chunk, and leaves `file` open."""

    def __init__(self, file: IO[bytes], passphrase: bytes) -> None:
        salt = os.urandom(SALT_BYTES)
        self._file, self._cipher = file, _cipher(passphrase, salt)
        self._plain, self._number = bytearray(), 0
        file.write(MAGIC + salt)

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: "ReadableBuffer") -> int:
        """Encrypt some bytes; return their number."""
        self._plain += data
        while len(self._plain) > CHUNK_BYTES:
            self._write_chunk(is_last=False)
        return memoryview(data).nbytes

    def _write_chunk(self, *, is_last: bool) -> None:
        chunk = bytes(self._plain[:CHUNK_BYTES])
        self._file.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), chunk, MAGIC))
        del self._plain[:CHUNK_BYTES]
        self._number += 1

    def close(self) -> None:
        """Write the last chunk."""
        if not self.closed:
            self._write_chunk(is_last=True)
        super().close()


class DecryptingReader(io.RawIOBase):
    """A stream of what a file contains; each chunk is verified before any of it is returned."""

    def __init__(self, file: IO[bytes], passphrase: bytes) -> None:
        head = file.read(len(MAGIC) + SALT_BYTES)
        if len(head) < len(MAGIC) + SALT_BYTES or not head.startswith(MAGIC):
            raise BadEncryptedFile("it is not encrypted, or was truncated")
        self._file, self._cipher = file, _cipher(passphrase, head[len(MAGIC) :])
        self._coming, self._number = self._read_chunk(), 0
        self._plain = b""

    def _read_chunk(self) -> bytes:
        return self._file.read(CHUNK_BYTES + TAG_BYTES)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer with the next bytes; return their number, 0 at the end."""
        if not self._plain and (self._coming or not self._number):
            self._plain = self._decrypt_next()
        view = memoryview(buffer)
        count = min(len(view), len(self._plain))
        view[:count], self._plain = self._plain[:count], self._plain[count:]
        return count

    def _decrypt_next(self) -> bytes:
        chunk, self._coming = self._coming, self._read_chunk()
        nonce = _nonce(self._number, is_last=not self._coming)
        try:
            plain = self._cipher.decrypt(nonce, chunk, MAGIC)
        except InvalidTag:
            why = "it is damaged or truncated" if self._number else "the passphrase is wrong, or it is damaged"
            raise BadEncryptedFile(why) from None
        self._number += 1
        return plain
