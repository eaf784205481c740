"""Records of contact-product pairs: packed small, read back bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dog.core.records import PAIRS
from dog.storage.pair_records import FIELDS, HEADER, pack_pairs, unpack_groups, unpack_many, unpack_pairs


def records(count: int) -> np.ndarray:
    """Make records of which only product, wins, losses and multiplier say something."""
    pairs = np.zeros(count, PAIRS)
    pairs["product"], pairs["wins"], pairs["losses"] = np.arange(count), 1, 2
    pairs["evidence_wins"], pairs["evidence_pitches"] = 1, 3
    pairs["multiplier"] = 1 / 3
    return pairs


def test_a_pair_whose_evidence_equals_its_counts_takes_eleven_bytes() -> None:
    packed = pack_pairs(np.array([4]), np.array([1]), records(100), [0, 100])[0]

    assert len(packed) == HEADER.itemsize + 100 * (1 + 1 + 1 + 8)


def test_each_contact_gets_its_own_records_back() -> None:
    pairs = records(5)
    first, none, second = pack_pairs(np.array([4, 0, 7]), np.array([1, 0, 2]), pairs, [0, 2, 2, 5])

    assert unpack_pairs(first)[:2] == (4, 1)
    assert unpack_pairs(second)[:2] == (7, 2)
    assert unpack_pairs(first)[2].tobytes() == pairs[:2].tobytes()
    assert unpack_pairs(none)[2].tobytes() == b""
    assert unpack_pairs(second)[2].tobytes() == pairs[2:].tobytes()


@pytest.mark.parametrize("name", FIELDS)
def test_one_unusual_value_is_kept_as_it_is(name: str) -> None:
    pairs = records(3)
    pairs[name][1] = 4_000_000_000 if PAIRS[name].kind == "u" else 0.1

    assert unpack_pairs(pack_pairs(np.zeros(1), np.zeros(1), pairs, [0, 3])[0])[2].tobytes() == pairs.tobytes()


def test_pairs_that_are_alike_are_read_once_and_stand_for_all() -> None:
    pairs, nobody = records(300), np.zeros(2)
    pairs["product"], pairs["multiplier"] = np.arange(300) % 5, np.arange(300) % 3 / 7
    large = records(2)
    large["wins"] = 70_000  # other forms than the rest
    packed = [*pack_pairs(nobody, np.array([3, 0]), pairs[:200], [0, 50, 200]), None]
    packed += [pack_pairs(nobody[:1], nobody[:1], part, [0, len(part)])[0] for part in (large, pairs[200:])]
    held, parts = unpack_groups(packed), [unpack_pairs(part)[2] if part else pairs[:0] for part in packed]
    found = np.concatenate(parts)

    many = unpack_many(packed)
    assert list(many) == [index for index, part in enumerate(packed) if part]
    assert all(own.tobytes() == parts[index].tobytes() for index, own in many.items())
    assert len(held.records) == 15 + 2 + 1
    assert held.records.take(held.group).tobytes() == found.tobytes()
    assert held.contact.tolist() == np.repeat(np.arange(5), [len(part) for part in parts]).tolist()
    assert held.product.tolist() == found["product"].tolist()
    assert held.recursions.tolist() == [3, 0, 0, 0, 0]


@given(arrays(PAIRS, st.integers(1, 5)))
def test_any_records_come_back_equal(pairs: np.ndarray) -> None:
    found = unpack_pairs(pack_pairs(np.zeros(1), np.zeros(1), pairs, [0, len(pairs)])[0])[2]

    for name in FIELDS:
        np.testing.assert_array_equal(found[name], pairs[name])
