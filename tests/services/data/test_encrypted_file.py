"""Encrypted files: what was written is read again by its passphrase, and any change is found."""

import io
import random

import pytest

from dog.services.data.encrypted_file import (
    CHUNK_BYTES,
    MAGIC,
    SALT_BYTES,
    TAG_BYTES,
    BadEncryptedFile,
    DecryptingReader,
    EncryptingWriter,
)

HEAD_BYTES = len(MAGIC) + SALT_BYTES
STORED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES


def encrypted(content: bytes, passphrase: bytes = b"open sesame") -> bytes:
    file = io.BytesIO()
    with EncryptingWriter(file, passphrase) as out:
        for start in range(0, len(content), 50_000):
            out.write(content[start : start + 50_000])
    return file.getvalue()


def decrypted(content: bytes, passphrase: bytes = b"open sesame") -> bytes:
    return io.BufferedReader(DecryptingReader(io.BytesIO(content), passphrase)).read()


@pytest.fixture(scope="module")
def stored() -> bytes:
    """Encrypt three chunks and a bit."""
    return encrypted(random.Random(3).randbytes(3 * CHUNK_BYTES + 100))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES])
def test_what_was_written_is_read_again(size: int) -> None:
    content = random.Random(size).randbytes(size)

    assert decrypted(encrypted(content)) == content


def test_the_same_contents_are_never_encrypted_alike(stored: bytes) -> None:
    again = encrypted(decrypted(stored))

    assert len(again) == len(stored)
    assert again[len(MAGIC) : 200] != stored[len(MAGIC) : 200]


def test_another_passphrase_is_refused(stored: bytes) -> None:
    with pytest.raises(BadEncryptedFile, match="the passphrase is wrong, or it is damaged"):
        decrypted(stored, b"open sesam")


def test_one_flipped_bit_anywhere_is_found(stored: bytes) -> None:
    chance = random.Random(1)
    places = [*range(HEAD_BYTES - 2, HEAD_BYTES + 2), *(chance.randrange(len(stored)) for _ in range(20))]
    for place in places:
        damaged = bytearray(stored)
        damaged[place] ^= 1 << chance.randrange(8)
        with pytest.raises(BadEncryptedFile):
            decrypted(bytes(damaged))


@pytest.mark.parametrize("kept", [0, 5, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 5, -1, -TAG_BYTES, -100 - TAG_BYTES])
def test_a_file_cut_short_is_found(stored: bytes, kept: int) -> None:
    with pytest.raises(BadEncryptedFile):
        decrypted(stored[:kept])


@pytest.mark.parametrize("whole_chunks", [1, 2, 3])
def test_a_file_cut_between_two_chunks_is_found(stored: bytes, whole_chunks: int) -> None:
    with pytest.raises(BadEncryptedFile):
        decrypted(stored[: HEAD_BYTES + whole_chunks * STORED_CHUNK_BYTES])


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (0, 1, 1, 2, 3), (0, 2, 3), (0, 1, 2), (0, 1, 2, 3, 3), (1, 2, 3)])
def test_a_chunk_moved_repeated_or_left_out_is_found(stored: bytes, order: tuple[int, ...]) -> None:
    chunks = [
        stored[start : start + STORED_CHUNK_BYTES] for start in range(HEAD_BYTES, len(stored), STORED_CHUNK_BYTES)
    ]

    with pytest.raises(BadEncryptedFile):
        decrypted(stored[:HEAD_BYTES] + b"".join(chunks[number] for number in order))
