"""What a rep still has to do, and how far it is: read from the events, whoever sent them."""

from dataclasses import replace
from typing import Any

from dog.services.lists.contact_filter import ContactFilter
from dog.services.pairs.rep_tasks import RepProgress, count_progress, list_tasks, tasks_of_contact
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api, Clock, event


def send(api: Api, *events: dict[str, Any]) -> None:
    answer = api.post("/v1/feedback", {"events": list(events)})
    assert answer.json["accepted"] == len(events), answer.json


def accept(event_id: str, product_id: str = "p1", contact_id: str = "c1", **more: Any) -> dict[str, Any]:
    return event(event_id, "accept", product_id, contact_id, actor_id="test", **more)


def tasks(runtime: Runtime) -> list[tuple[str, str, str | None]]:
    return [(task.name, task.product, task.pitch_id) for task in list_tasks(runtime, "default", "test")]


def test_an_accepted_product_is_a_task_until_its_outcome(api: Api, loaded: Store, runtime: Runtime) -> None:
    del loaded
    send(api, accept("a1", decision_id="d1"), accept("a2", "p2", occurred_at="2026-11-19T11:00:00Z"))
    accepted = tasks(runtime)
    named = list_tasks(runtime, "default", "test")[1].decision_id
    send(api, event("i1", "pitch", occurred_at="2026-11-20T11:10:00Z"))
    pitched = tasks(runtime)
    send(api, event("w1", "win", occurred_at="2026-11-20T11:20:00Z"))

    assert accepted == [("Ann", "Phone", None), ("Ann", "Fax", None)]
    assert named == "d1"
    assert pitched == [("Ann", "Fax", "i1"), ("Ann", "Phone", None)]
    assert tasks(runtime) == [("Ann", "Phone", None)]


def test_a_task_ends_with_a_later_discard_or_undo_and_is_its_actors_own(
    api: Api, loaded: Store, runtime: Runtime
) -> None:
    del loaded
    send(api, accept("a1"), accept("a2", "p2"), accept("a3", "p3", "c2"))
    send(api, event("x1", "discard", occurred_at="2026-11-20T11:30:00Z"))
    api.post("/v1/feedback/a2/retract")

    assert tasks(runtime) == [("Bob", "Desk", None)]
    assert list_tasks(runtime, "default", "somebody") == []


def test_the_tasks_of_one_contact_are_those_of_all_that_are_its_own(api: Api, loaded: Store, runtime: Runtime) -> None:
    del loaded
    send(api, accept("a1"), accept("a2", "p2", occurred_at="2026-11-19T11:00:00Z"), accept("a3", "p3", "c2"))
    own = tasks_of_contact(runtime, "default", "c1", actor_id="test", name="Ann")

    assert own == [task for task in list_tasks(runtime, "default", "test") if task.contact_id == "c1"]
    assert [task.product for task in own] == ["Phone", "Fax"]
    assert tasks_of_contact(runtime, "default", "c1", actor_id="Ada", name="Ann") == []


def test_tasks_of_more_than_four_weeks_are_over(api: Api, loaded: Store, runtime: Runtime, clock: Clock) -> None:
    del loaded
    send(api, accept("a1"))
    clock.set("2026-12-18T11:00:00")
    kept = tasks(runtime)
    clock.set("2026-12-18T11:00:01")

    assert kept == [("Ann", "Fax", None)]
    assert tasks(runtime) == []


def test_progress_counts_contacts_of_today_and_of_the_week(
    api: Api, loaded: Store, runtime: Runtime, clock: Clock
) -> None:
    del loaded
    send(api, accept("a1"), accept("a2", "p2"), accept("a3", contact_id="c2", occurred_at="2026-11-17T11:00:00Z"))
    send(api, accept("a4", contact_id="c3", occurred_at="2026-11-15T11:00:00Z"))
    friday = count_progress(runtime, "default", "test")
    clock.set("2026-11-23T08:00:00")

    assert friday == RepProgress(today=1, this_week=2)
    assert count_progress(runtime, "default", "test") == RepProgress(today=0, this_week=0)


def test_progress_of_a_filter_counts_the_contacts_that_pass(api: Api, loaded: Store, runtime: Runtime) -> None:
    del loaded
    send(api, accept("a1"), accept("a2", contact_id="c3"))
    send(api, accept("a3", contact_id="c2", occurred_at="2026-11-17T11:00:00Z"))

    def progress(segment: str) -> RepProgress:
        return count_progress(runtime, "default", "test", ContactFilter(segment=segment))

    assert progress("gold") == RepProgress(today=1, this_week=2)
    assert progress("iron") == RepProgress(today=1, this_week=1)
    assert progress("lead") == RepProgress(today=0, this_week=0)


def test_day_and_week_of_the_progress_begin_at_midnight_of_the_services_zone(
    api: Api, loaded: Store, runtime: Runtime
) -> None:
    del loaded
    runtime.settings = replace(runtime.settings, timezone="America/New_York")
    send(api, accept("today", occurred_at="2026-11-20T06:00:00Z"))
    send(api, accept("yesterday", contact_id="c2", occurred_at="2026-11-20T04:00:00Z"))
    send(api, accept("last-week", contact_id="c3", occurred_at="2026-11-16T04:00:00Z"))

    assert count_progress(runtime, "default", "test") == RepProgress(today=1, this_week=2)
