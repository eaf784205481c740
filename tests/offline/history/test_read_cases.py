"""Settled pitches with their scores, and what each contact had bought when."""

from datetime import timedelta

import numpy as np

from dog.core.iso_weeks import DAY_MS
from dog.offline.history.read_cases import CaseContact, read_cases
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import event
from tests.offline.case_worlds import CONTACTS, FIRST, SCORE, WEEKS, fill_cases


def test_pitches_with_a_score_are_read_with_what_became_of_them(runtime: Runtime, store: Store) -> None:
    fill_cases(runtime, store, alike=True)
    found = read_cases(store, runtime.clock(), 90 * DAY_MS)
    middle_ms = round((FIRST + timedelta(weeks=(WEEKS - 1) / 2)).timestamp() * 1000)

    assert len(found.contacts) == CONTACTS
    assert len(found.pitches.won) == 2 * CONTACTS * WEEKS
    assert found.pitches.score.tolist() == np.full(2 * CONTACTS * WEEKS, SCORE, np.float32).tolist()
    assert 0.15 < found.pitches.won.mean() < 0.25
    assert found.middle_ms == middle_ms
    assert found.pitches.early.mean() == 0.5
    assert (found.pitches.at_ms[found.pitches.early] < middle_ms).all()
    wins = sum(len(contact.product) for contact in found.contacts)
    assert wins == found.pitches.won.sum()
    assert {contact.record["segment"] for contact in found.contacts} == {"likes bread", "likes wine"}


def test_contacts_come_in_the_order_of_their_last_pitch(runtime: Runtime, store: Store) -> None:
    fill_cases(runtime, store, alike=False)
    found = read_cases(store, runtime.clock(), 90 * DAY_MS)
    chosen = (found.pitches.contact % 3 == 0) | (found.pitches.at_ms < found.middle_ms)
    order = found.in_order(found.pitches.take(chosen))

    assert sorted(order) == list(range(CONTACTS))
    assert [place % 3 == 0 for place in order] == [False] * (CONTACTS * 2 // 3) + [True] * (CONTACTS // 3)


def test_pitches_without_a_score_are_left_out(runtime: Runtime, loaded: Store) -> None:
    record_feedback(loaded, [event("e1", "pitch"), event("e2", "win")], runtime.clock())
    found = read_cases(loaded, runtime.clock(), 90 * DAY_MS)

    assert found.contacts == []
    assert len(found.pitches.won) == 0


def test_what_was_bought_later_is_not_known_and_each_product_counts_once() -> None:
    contact = CaseContact(
        digest=b"c", record={}, product=np.array([4, 2, 4, 7, 9]), at_ms=np.array([10, 20, 30, 40, 50])
    )

    assert contact.bought_before(50).tolist() == [2, 4, 7]
    assert contact.bought_before(25).tolist() == [4, 2]
    assert contact.bought_before(0).tolist() == []
