"""Ids: those from outside made safe (one spelling, bounded, never raw in a key), and new ones."""

import hashlib
import os
import re
import secrets
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from dog.errors import InputFault, InvalidInput

MAX_ID_BYTES = 256
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def clean_id(text: object, field: str) -> str:
    """Give an id its one spelling (NFC), or refuse it.

    Parameters
    ----------
    text
        What came in.
    field
        Name of the field it came in, for the message.

    Returns
    -------
    The id, 1 to 256 bytes of UTF-8 without control characters.

    Raises
    ------
    InvalidInput
        It is no text, empty, too long, holds a control character or half a surrogate pair.

    Examples
    --------
    >>> clean_id("Ame\u0301lie", "contact_id")
    'Amélie'

    """
    if not isinstance(text, str) or not text:
        raise refused(field, "is empty or no text; give 1 to 256 bytes of text")
    if is_plain_id(text):
        return text
    normal = unicodedata.normalize("NFC", text)
    try:
        size = len(normal.encode())
    except UnicodeEncodeError:
        raise refused(field, "holds half a surrogate pair; send valid UTF-8") from None
    if size > MAX_ID_BYTES:
        raise refused(field, f"is {size} bytes long; the longest id is {MAX_ID_BYTES} bytes")
    if not normal.isprintable() and any(unicodedata.category(character) == "Cc" for character in normal):
        raise refused(field, "holds a control character; remove it")
    return normal


def is_plain_id(text: str) -> bool:
    """Tell whether a text that is not empty is an id as it stands: its own NFC, a character a byte, as most are."""
    return text.isascii() and text.isprintable() and len(text) <= MAX_ID_BYTES


def clean_slug(text: str, field: str) -> str:
    """Take a name of ours (tenant, model, policy) as it is, or refuse it."""
    if not isinstance(text, str) or not SLUG.fullmatch(text):
        raise refused(field, "must be 1 to 64 of a-z, 0-9, _ and -, and begin with a letter or digit")
    return text


def refused(field: str, why: str) -> InvalidInput:
    """Build the error for one bad field."""
    message = f"{field} {why}"
    return InvalidInput(message, [InputFault(f"/{field}", "invalid_id", message)])


def digest(secret: bytes, text: str, size: int = 16) -> bytes:
    """Hash an id with the tenant's secret (BLAKE2b as a keyed hash, RFC 7693)."""
    return _hashed(secret, text.encode(), size)


def digests(secret: bytes, texts: Iterable[str], size: int = 16) -> list[bytes]:
    """Hash many ids, each as `digest` does."""
    begun, found = _keyed(secret, size), []
    for text in texts:
        state = begun.copy()
        state.update(text.encode())
        found.append(state.digest())
    return found


def _hashed(secret: bytes, content: bytes, size: int) -> bytes:
    state = _keyed(secret, size).copy()
    state.update(content)
    return state.digest()


@lru_cache(maxsize=256)
def _keyed(secret: bytes, size: int) -> hashlib.blake2b:
    """Begin a hash with a key; going on from a copy takes half the time of beginning anew."""
    return hashlib.blake2b(key=secret, digest_size=size)


def number(secret: bytes, text: str) -> int:
    """Hash an id to the 64 bits that ledgers carry; never 0, which stands for 'none'."""
    return int.from_bytes(digest(secret, text, 8), "little") or 1


def fingerprint(canonical: bytes) -> bytes:
    """Hash a canonical body to the 8 bytes by which a repetition is told from a conflict."""
    return hashlib.blake2b(canonical, digest_size=8).digest()


def tombstone(secret: bytes, contact: bytes) -> bytes:
    """Hash a contact's digest once more: what stays of an erased contact leads back to nothing that was kept."""
    return _hashed(secret, b"erased" + contact, 16)


class _RandomBytes:
    """Random bytes of the system, fetched many at a time: each fetch is a system call."""

    FETCHED = 4096

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = b""
        os.register_at_fork(after_in_child=self._forget)  # a child must not go on with its parent's

    def _forget(self) -> None:
        self._lock, self._left = threading.Lock(), b""

    def take(self, count: int) -> bytes:
        """Take some that nobody else gets."""
        with self._lock:
            if len(self._left) < count:
                self._left = secrets.token_bytes(self.FETCHED)
            taken, self._left = self._left[:count], self._left[count:]
        return taken


_random = _RandomBytes()


def new_id(byte_count: int = 16) -> str:
    """Make a new id of so many random bytes, in hexadecimal digits."""
    return _random.take(byte_count).hex()
