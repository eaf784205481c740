from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.records import CONTACT_LEVEL, SCORES
from dog.storage.packed_scores import only_scores, pack_many, pack_scores, unpack_scores

AS_OF_MS = 1_700_000_000_000
SPANS = (30, 300, 70_000, CONTACT_LEVEL)

scores = st.sampled_from(SPANS).flatmap(
    lambda most: st.dictionaries(st.integers(0, most), st.floats(width=32, allow_nan=False), min_size=1, max_size=40)
)


def records(scores: dict[int, float]) -> np.ndarray:
    return np.array(sorted(scores.items()), SCORES)


def packed_of_old(as_of_ms: int, scores: np.ndarray) -> bytes:
    """Pack as releases did that knew one form."""
    return as_of_ms.to_bytes(8, "little") + scores.tobytes()


@given(st.lists(st.tuples(st.integers(0, 1 << 48), scores), max_size=5))
def test_scores_survive_packing_in_any_form(contacts: list[tuple[int, dict[int, float]]]) -> None:
    own = [records(scores) for _, scores in contacts]
    joined = np.concatenate([np.zeros(0, SCORES), *own])
    as_of_ms, bounds = np.array([at_ms for at_ms, _ in contacts], np.int64), np.cumsum([0, *map(len, own)])
    packed = pack_many(as_of_ms, joined["product"], joined["score"], bounds)

    assert packed == [pack_scores(at_ms, one) for (at_ms, _), one in zip(contacts, own, strict=True)]
    for array, (at_ms, _), one in zip(packed, contacts, own, strict=True):
        found_ms, found = unpack_scores(array)
        assert (found_ms, found.tolist()) == (at_ms, one.tolist())
    assert only_scores(packed).tolist() == joined["score"].tolist()


@given(scores)
def test_arrays_of_earlier_releases_are_read(scores: dict[int, float]) -> None:
    own = records(scores)
    old = packed_of_old(AS_OF_MS, own)
    as_of_ms, found = unpack_scores(old)

    assert (as_of_ms, found.tolist()) == (AS_OF_MS, own.tolist())
    assert only_scores([old]).tolist() == own["score"].tolist()


@pytest.mark.parametrize(
    ("products", "size"),
    [
        ([], 8),
        ([CONTACT_LEVEL], 8 + 8),
        (range(70_000, 70_100), 12 + 4 * 100),
        (range(0, 200, 2), 12 + 5 * 100),
        ([0, 2, 4], 12 + 5 * 3 + 1),
        (range(0, 50_000, 500), 12 + 6 * 100),
        ([1, 2, CONTACT_LEVEL], 8 + 8 * 3),
    ],
)
def test_product_numbers_are_as_narrow_as_they_allow(products: Any, size: int) -> None:
    own = np.array([(number, 0.5) for number in products], SCORES)

    packed = pack_scores(AS_OF_MS, own)
    assert len(packed) == size
    assert len(packed) <= len(packed_of_old(AS_OF_MS, own))
    assert unpack_scores(packed)[1].tolist() == own.tolist()
