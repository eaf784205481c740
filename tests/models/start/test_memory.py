"""The memory of past cases: the exact vectors of form 9, and what holds for any cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dog.models.start.memory import CaseKeys, CaseMemory, owner_of, unit_length
from dog.models.start.taste import Floats

RECORD = np.array([[1.0], [2.0], [0.5]])
A, B, C = np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([-1.0, 0.0])


def known_memory() -> CaseMemory:
    """Return the memory of known answer C7."""
    memory = CaseMemory.empty(slots=3, dimension=2, categories=2)
    memory.temperature = 0.4
    wins, expected = ([1, 0], [0, 1], [0, 0]), ([0.2, 0.1], [0.3, 0.2], [0.1, 0.4])
    for owner, (key, won, due) in enumerate(zip(([1, 0], [0.6, 0.8], [-1, 0]), wins, expected, strict=True), 1):
        memory.write(owner, np.array(key, float), np.array([won, [4, 4], due], float))
    return memory


def test_a_read_weighs_the_slots_as_published() -> None:
    memory, key = known_memory(), np.array([[0.8, 0.6]])

    assert memory.attention(key)[0] == pytest.approx([0.398384100461, 0.594319240216, 0.007296659323], abs=1e-12)
    assert memory.read(key).contacts[0] == pytest.approx(1.953207049848, abs=1e-12)
    assert np.log(memory.read(key).ratios[0]) == pytest.approx([0.103368709378, 0.311131183650], abs=1e-12)


def test_a_write_takes_the_slot_that_was_used_least_recently() -> None:
    memory = CaseMemory.empty(slots=2, dimension=2, categories=1)
    memory.write(1, A, RECORD)
    memory.write(2, B, RECORD)
    memory.mark(memory.attention(A[None]))
    memory.write(3, C, RECORD)

    assert sorted(memory.owners.tolist()) == [1, 3]


def test_without_a_read_it_is_the_oldest() -> None:
    memory = CaseMemory.empty(slots=2, dimension=2, categories=1)
    for owner, key in ((1, A), (2, B), (3, C)):
        memory.write(owner, key, RECORD)

    assert sorted(memory.owners.tolist()) == [2, 3]


def test_a_contact_is_no_other_contact_like_itself() -> None:
    memory = known_memory()
    weights = memory.attention(A[None], np.array([1], np.uint64))

    assert weights[0, 0] == 0
    assert weights.sum() == pytest.approx(1)


def test_an_empty_memory_says_nothing() -> None:
    found = CaseMemory.empty(slots=4, dimension=2, categories=3).read(A[None])

    assert found.contacts.tolist() == [0]
    assert found.ratios.tolist() == [[1, 1, 1]]


def test_a_contact_can_be_forgotten() -> None:
    memory = known_memory()

    assert memory.forget(2)
    assert len(memory) == 2
    assert not memory.keys[1].any()
    assert not memory.records[:, 1].any()
    assert not memory.forget(2)


def test_both_parts_of_keys_have_the_same_length_on_average() -> None:
    chance = np.random.default_rng(0)
    encoded, tastes = chance.normal(0, 5, (200, 3)), chance.normal(2, 0.1, (200, 4))
    keys = CaseKeys.fit(encoded, tastes)
    found = keys.of(encoded, tastes)

    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(200))
    assert (found[:, :3] ** 2).sum() == pytest.approx((found[:, 3:] ** 2).sum(), rel=0.1)


def test_an_owner_is_the_same_number_each_time() -> None:
    assert owner_of(bytes(range(16))) == owner_of(bytes(range(8)) + bytes(8)) == 0x0706050403020100


numbers = st.floats(-3, 3, allow_subnormal=False)
many_keys = arrays(np.float64, st.tuples(st.integers(1, 30), st.just(3)), elements=numbers)


@given(many_keys, st.integers(1, 8), st.data())
def test_slots_are_bounded_and_what_is_read_was_written(keys: Floats, slots: int, data: st.DataObject) -> None:
    memory = CaseMemory.empty(slots=slots, dimension=3, categories=1)
    for owner, key in enumerate(unit_length(keys), 1):
        weights = memory.attention(key[None])
        memory.mark(weights)
        used = memory.used[weights[0] >= weights.max()]
        assert not weights.any() or (used == memory.clock).all()  # a read marks the slots it used
        memory.write(owner, key, RECORD)

    assert len(memory) == min(slots, len(keys))
    assert len(keys) in memory.owners
    asked = data.draw(many_keys)
    weights = memory.attention(unit_length(asked))
    assert weights.sum(axis=1) == pytest.approx(np.ones(len(asked)))
    found = memory.read(unit_length(asked))
    assert (found.contacts >= 1 - 1e-9).all()
    assert (found.contacts <= len(memory) + 1e-9).all()


records = arrays(np.float64, (6, 2), elements=st.floats(0, 20, allow_subnormal=False))


@given(records, arrays(np.float64, (1, 3), elements=numbers))
def test_a_ratio_is_on_the_right_side_of_1(counts: Floats, asked: Floats) -> None:
    memory = CaseMemory.empty(slots=8, dimension=3, categories=1)
    chance = np.random.default_rng(0)
    for owner, (wins, expected) in enumerate(counts.tolist(), 1):
        key = unit_length(chance.normal(size=(1, 3)))[0]
        memory.write(owner, key, np.array([[wins], [wins + 1], [expected]]))
    found = memory.read(unit_length(asked))
    wins, _, expected = found.records[:, 0, 0].tolist()

    assert np.sign(found.ratios[0, 0] - 1) == np.sign(wins - expected) or abs(wins - expected) < 1e-12
