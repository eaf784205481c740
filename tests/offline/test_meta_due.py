"""The weekly job is due when there is something new to learn from, and not before."""

from dog.offline.meta_due import is_meta_due
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.storage.job_log import Job, put_job
from dog.storage.start_models import read_checked
from dog.storage.store import Store
from tests.conftest import Clock
from tests.start_world import load_tastes


def buy(runtime: Runtime, store: Store, contacts: int, at: str = "2026-11-18T10:00:00Z") -> None:
    rows = [{"contact_id": f"c{n}", "product_id": "p1", "occurred_at": at} for n in range(contacts)]
    import_rows(store, "transactions", rows, runtime.settings.zone)


def test_it_is_first_due_when_thirty_contacts_have_bought(runtime: Runtime, store: Store) -> None:
    buy(runtime, store, 29)
    before = is_meta_due(runtime, store)
    buy(runtime, store, 30)

    assert (before, is_meta_due(runtime, store)) == (False, True)


def test_wins_count_as_purchases(runtime: Runtime, store: Store) -> None:
    events = [
        {"event_id": f"{n}", "type": "win", "contact_id": f"c{n}", "product_id": "p1"}
        | {"occurred_at": "2026-11-18T10:00:00Z"}
        for n in range(30)
    ]
    record_feedback(store, events[:29], runtime.clock())
    before = is_meta_due(runtime, store)
    record_feedback(store, events, runtime.clock())

    assert (before, is_meta_due(runtime, store)) == (False, True)


def test_an_empty_tenant_is_never_due(runtime: Runtime, store: Store) -> None:
    assert not is_meta_due(runtime, store)


def test_it_is_due_once_a_week_if_anything_was_bought(runtime: Runtime, store: Store, clock: Clock) -> None:
    load_tastes(runtime, store)
    buy(runtime, store, 1)
    this_week = is_meta_due(runtime, store)
    clock.set("2026-11-23T00:05:00")  # a Monday

    assert (this_week, is_meta_due(runtime, store)) == (False, True)


def test_a_week_without_new_events_is_skipped_after_one_look(runtime: Runtime, store: Store, clock: Clock) -> None:
    load_tastes(runtime, store)
    clock.set("2026-11-23T00:05:00")

    assert not is_meta_due(runtime, store)
    assert read_checked(store) == clock()


def test_it_waits_a_day_for_the_recompute_of_the_week(runtime: Runtime, store: Store, clock: Clock) -> None:
    load_tastes(runtime, store)
    win = {"event_id": "1", "type": "win", "contact_id": "c1", "product_id": "p1"}
    record_feedback(store, [{**win, "occurred_at": "2026-11-18T10:00:00Z"}], runtime.clock())
    clock.set("2026-11-23T00:05:00")
    at_once = is_meta_due(runtime, store)
    clock.set("2026-11-24T00:05:00")

    assert (at_once, is_meta_due(runtime, store)) == (False, True)


def test_a_run_that_failed_is_tried_again_a_day_later(runtime: Runtime, store: Store, clock: Clock) -> None:
    buy(runtime, store, 30)
    put_job(store, Job(job_id="job_1", name="meta", state="failed", created_at_ms=clock()))
    at_once = is_meta_due(runtime, store)
    clock.now_ms += 86_400_001

    assert (at_once, is_meta_due(runtime, store)) == (False, True)
