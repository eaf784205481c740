"""The fence of back-fills: who holds it, and what it refuses."""

from dataclasses import replace

import pytest

from dog.errors import StoreUnavailable
from dog.services.feedback.record_feedback import record_feedback
from dog.storage.backfill_fence import drop_fence, is_without_feedback, keep_fence, raise_fence
from dog.storage.store import Store
from tests.conftest import NOW
from tests.loads_world import event

NOW_MS = round(NOW.timestamp() * 1000)


def test_only_the_load_that_holds_it_writes_feedback(store: Store) -> None:
    holder = replace(store, load="first")
    raise_fence(holder)

    with pytest.raises(StoreUnavailable, match="history is being loaded") as raised:
        record_feedback(store, [event("e1")], NOW_MS)
    assert raised.value.code == "being_backfilled"
    assert record_feedback(holder, [event("e1")], NOW_MS)[0].status == "accepted"
    drop_fence(holder)
    assert record_feedback(store, [event("e2")], NOW_MS)[0].status == "accepted"


def test_who_was_taken_over_neither_keeps_nor_drops_it(store: Store) -> None:
    first, second = replace(store, load="first"), replace(store, load="second")
    raise_fence(first)
    raise_fence(second)

    assert not keep_fence(first)
    drop_fence(first)
    assert keep_fence(second)


def test_a_tenant_is_without_feedback_until_its_first_event(store: Store) -> None:
    assert is_without_feedback(store)
    record_feedback(store, [event("e1", "accept")], NOW_MS)
    assert not is_without_feedback(store)
