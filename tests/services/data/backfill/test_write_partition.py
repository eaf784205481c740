"""A partition's events are written once, whether its contacts have events already or not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dog.services.data.backfill.claim_partition import BackfillTask
from dog.services.data.backfill.encode_events import Names, encode_events
from dog.services.data.backfill.write_partition import DROPPED, write_partition
from dog.services.data.import_feedback import read_event
from dog.services.data.spill import Spill
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.storage.backfill_fence import raise_fence
from dog.storage.catalogue import number_products
from dog.storage.erasure import write_tombstone
from dog.storage.store import Store
from tests.conftest import Clock
from tests.loads_world import event

ROWS = [
    *(event(f"e{number}", product=f"p{number % 2}", contact="c1") for number in (3, 1, 2, 0)),
    event("e4", "accept", contact="c1"),
]


@pytest.fixture
def task(runtime: Runtime, store: Store, tmp_path: Path, clock: Clock) -> BackfillTask:
    """Split the rows, of which the last outcome is dropped."""
    store = replace(store, load="l1")
    spill, names = Spill(tmp_path / "spill"), Names({})
    spill.folder.mkdir()
    events = [read_event(row, clock.now_ms, runtime.settings.zone) for row in ROWS]
    encoded = encode_events(store, events, np.arange(len(ROWS)), names)
    partitions = np.zeros(len(ROWS), np.int64) + partition_of(store)
    spill.add("events", encoded.events, partitions)
    spill.add_texts("texts", encoded.texts, partitions)
    np.save(spill.folder / DROPPED, np.array([3]))
    ids = tuple(names.places)
    numbers = tuple(number_products(store, ids))
    raise_fence(store)
    return BackfillTask(
        tenant="default",
        load="l1",
        folder=spill.folder,
        now_ms=clock.now_ms,
        published_until_ms=2_000_000_000_000,
        product_ids=ids,
        numbers=numbers,
    )


def partition_of(store: Store) -> int:
    return store.tenant.partition_number(store.tenant.contact("c1"))


def test_events_are_written_once(runtime: Runtime, store: Store, task: BackfillTask) -> None:
    first = write_partition(runtime, partition_of(store), task)
    again = write_partition(runtime, partition_of(store), task)

    assert (first.new, first.late, first.known) == (4, 3, 0)
    assert (again.new, again.late, again.known) == (0, 0, 4)


def test_contacts_with_events_get_the_others(runtime: Runtime, store: Store, task: BackfillTask, clock: Clock) -> None:
    record_feedback(replace(store, load="l1"), [dict(ROWS[0])], clock.now_ms)

    written = write_partition(runtime, partition_of(store), task)

    assert (written.new, written.known) == (3, 1)


def test_nothing_is_written_of_a_contact_that_was_erased_meanwhile(
    runtime: Runtime, store: Store, task: BackfillTask
) -> None:
    write_tombstone(store, store.tenant.contact("c1"))

    written = write_partition(runtime, partition_of(store), task)

    assert written.new == 0
    assert sorted(written.erased.tolist()) == [0, 1, 2, 4]
