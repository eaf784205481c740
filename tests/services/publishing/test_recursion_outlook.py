from typing import Any

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.publishing.publish_policy import publish_policy
from dog.services.publishing.recursion_outlook import RecursionOutlooks, read_outlook
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.decisions import KeptDecision, write_decisions
from dog.storage.store import Store

TENANT = 'with lap_scope = "tenant" about 3 years.'
CONTACT = 'with lap_scope = "contact" about 6 years (1.5 lists a contact and week).'


def serve(store: Store, contact: str, laps: dict[str, int]) -> None:
    digest = store.tenant.contact(contact)
    names = [(f"{contact}-{week}-{number}", week) for week, count in laps.items() for number in range(count)]
    write_decisions(
        store,
        [
            KeptDecision(decision_id=name, request=b"12345678", contact=digest, week=week, content=b"{}")
            for name, week in names
        ],
    )


def publish(runtime: Runtime, **reinforcement: Any) -> None:
    policy = {"name": "recommended", "reinforcement": reinforcement}
    publish_policy(runtime, "default", "recommended", policy, author="t", comment="", if_match=None, draft=False)


@pytest.fixture
def served(runtime: Runtime, store: Store) -> Store:
    """Serve two contacts for two and a half weeks before Friday noon; c1 is two laps from its first recursion."""
    import_rows(store, "contacts", [{"contact_id": f"c{n}"} for n in (1, 2)], runtime.settings.zone)
    serve(store, "c1", {"2026-W40": 493, "2026-W45": 4, "2026-W46": 1, "2026-W47": 1})
    serve(store, "c2", {"2026-W45": 1, "2026-W46": 1})
    return store


def test_it_says_how_long_the_laps_take_by_each_scope_and_who_is_next(runtime: Runtime, served: Store) -> None:
    publish(runtime)
    by_contact = read_outlook(runtime, "default", "recommended").sentences
    publish(runtime, lap_scope="tenant")
    by_tenant = read_outlook(runtime, "default", "recommended").sentences

    assert by_contact == [
        "500 laps per contact: at this tenant's pace (1.5 lists a contact and week) about 6 years; " + TENANT,
        "Of 2 served contacts 1 will reach the next one within 4 weeks.",
        "The nearest: c1 (in 2 laps, about 6 days).",
    ]
    assert by_tenant == [
        "500 laps of the tenant: at its pace (3 lists a week) about 3 years; " + CONTACT,
        "The next recompute applies a recursion to every contact's pairs.",
    ]


def test_a_recursion_that_is_reached_acts_with_the_next_recompute(runtime: Runtime, served: Store) -> None:
    publish(runtime)
    serve(served, "c1", {"2026-W47": 5})
    told = read_outlook(runtime, "default", "recommended").sentences

    assert told[1] == "The next recompute applies a recursion to 1 contact."


def test_laps_of_a_published_week_are_not_waiting_any_more(runtime: Runtime, served: Store) -> None:
    publish(runtime, lap_scope="tenant")
    pitch = {
        "event_id": "e",
        "type": "pitch",
        "contact_id": "c1",
        "product_id": "p",
        "occurred_at": "2026-11-10T10:00:00Z",
    }
    record_feedback(served, [pitch], runtime.clock())
    run_recompute(runtime, "default")
    serve(served, "c2", {"2026-W46": 2})

    assert read_outlook(runtime, "default", "recommended").sentences[1] == (
        "The next recursion of every contact's pairs is 499 laps away, about 3 years."
    )


def test_a_tenant_that_serves_nothing_is_told_so(runtime: Runtime, store: Store) -> None:
    publish(runtime)

    assert read_outlook(runtime, "default", "recommended").sentences == [
        "No list was served in the last 4 weeks: at this pace 500 laps are never reached."
    ]


def test_the_outlook_is_counted_once_in_ten_minutes(runtime: Runtime, served: Store) -> None:
    publish(runtime)
    outlooks = runtime.shared(RecursionOutlooks)
    first = outlooks.of(runtime, "default", "recommended", wait_seconds=5)

    assert first is not None
    assert outlooks.of(runtime, "default", "recommended") is first
