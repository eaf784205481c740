"""Ids: those of clients normalised, bounded and hashed before they enter a key; and new ones."""

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
LARGEST_EXACT = 1 << 53
"""Largest number up to which a float has all its digits."""
JSON_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (float, "a number with a fraction"),
    (list, "a list"),
    (dict, "an object"),
    (bytes, "bytes"),
)
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def clean_id(value: object, field: str) -> str:
    """Return an id from a field of a request, an event or a row, in Unicode form NFC.

    A whole number stands for its digits: Parquet files and many databases have ids as numbers.

    Raises
    ------
    InvalidInput
        It is missing or no string, longer than 256 bytes of UTF-8, holds a control character or half a surrogate pair.

    Examples
    --------
    >>> clean_id("Ame\u0301lie", "contact_id"), clean_id(123, "contact_id"), clean_id(123.0, "contact_id")
    ('Amélie', '123', '123')

    """
    text = value if isinstance(value, str) else _id_text(value, field)
    if not text:
        raise refused(field, f"is missing or empty; give a string of 1 to {MAX_ID_BYTES} bytes")
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


def clean_optional_id(value: object, field: str) -> str | None:
    """Return an id as `clean_id` does; None where it is null or empty."""
    return None if value is None or value == "" else clean_id(value, field)


def _id_text(value: object, field: str) -> str:
    """Return what is not a string as the text of an id; empty for null."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_EXACT:
        return str(int(value))
    kind = next((word for of, word in JSON_KINDS if isinstance(value, of)), "a value of another kind")
    raise refused(field, f"must be a string, not {kind}")


def is_plain_id(text: str) -> bool:
    """Return whether a non-empty text is printable ASCII within the bound, as most ids are: no need to normalise it."""
    return text.isascii() and text.isprintable() and len(text) <= MAX_ID_BYTES


def clean_slug(text: str, field: str) -> str:
    """Return the name of a tenant, model or policy; raise `InvalidInput` if it is not a slug."""
    if not isinstance(text, str) or not SLUG.fullmatch(text):
        raise refused(field, "must be 1 to 64 of a-z, 0-9, _ and -, and begin with a letter or digit")
    return text


def refused(field: str, why: str) -> InvalidInput:
    """Return the error for one bad field."""
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
    """Return a keyed hash to copy, which takes half the time of creating one."""
    return hashlib.blake2b(key=secret, digest_size=size)


def digest64(secret: bytes, text: str) -> int:
    """Hash an id to the 64 bits that ledgers hold; never 0, which means none."""
    return int.from_bytes(digest(secret, text, 8), "little") or 1


def fingerprint(canonical: bytes) -> bytes:
    """Hash a canonical body to the 8 bytes that distinguish a repetition from a conflict."""
    return hashlib.blake2b(canonical, digest_size=8).digest()


def fingerprints(canonical: Iterable[bytes]) -> list[bytes]:
    """Hash many canonical bodies, each as `fingerprint` does."""
    begun, found = hashlib.blake2b(digest_size=8), []
    for body in canonical:
        state = begun.copy()
        state.update(body)
        found.append(state.digest())
    return found


def tombstone(secret: bytes, contact: bytes) -> bytes:
    """Hash a contact's digest again: the only trace of an erased contact, which matches nothing else stored."""
    return _hashed(secret, b"erased" + contact, 16)


class _RandomBytes:
    """Random bytes of the system, read in blocks: each read is a system call."""

    FETCHED = 4096

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = b""
        os.register_at_fork(after_in_child=self._forget)  # a child must not reuse its parent's bytes

    def _forget(self) -> None:
        self._lock, self._left = threading.Lock(), b""

    def take(self, count: int) -> bytes:
        """Return bytes that no other call returns."""
        with self._lock:
            if len(self._left) < count:
                self._left = secrets.token_bytes(self.FETCHED)
            taken, self._left = self._left[:count], self._left[count:]
        return taken


_random = _RandomBytes()


def new_id(byte_count: int = 16) -> str:
    """Return a new id: random bytes in hexadecimal digits."""
    return _random.take(byte_count).hex()
