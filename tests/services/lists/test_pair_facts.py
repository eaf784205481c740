from dataclasses import replace
from typing import Any

import orjson
import pytest

from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Clock


def told(runtime: Runtime, contact_id: str = "c1", **context: Any) -> dict[str, str]:
    answer = orjson.loads(recommend(runtime, "default", ListRequest(contact_id, dry_run=True, context=context)).body)
    return {item["product_id"]: item["attributes"]["rationale"] for item in answer["items"]}


def say(runtime: Runtime, store: Store, *events: dict[str, Any]) -> None:
    numbered = [{"event_id": f"{n}-{one}", "contact_id": "c1", **one} for n, one in enumerate(events)]
    results = record_feedback(store, numbered, runtime.clock())
    assert {result.status for result in results} == {"accepted"}


def buy(runtime: Runtime, store: Store, product: str, *days: str) -> None:
    rows = [{"contact_id": "c1", "product_id": product, "occurred_at": f"{day}T10:00:00Z"} for day in days]
    import_rows(store, "transactions", rows, runtime.settings.zone)


@pytest.mark.usefixtures("loaded")
def test_purchases_and_offers_are_told_as_soon_as_they_are_known(runtime: Runtime, store: Store) -> None:
    new = told(runtime)
    buy(runtime, store, "p1", "2026-11-03", "2026-11-11")
    say(runtime, store, {"type": "pitch", "product_id": "p1", "occurred_at": "2026-11-20T11:00:00Z"})

    assert set(new.values()) == {"New for this contact."}
    assert told(runtime)["p1"] == "Bought Fax twice, last on 11 Nov. Offered once, not yet bought."
    assert told(runtime)["p2"] == "Not bought or offered yet."
    assert told(runtime, "c2")["p1"] == "New for this contact."


@pytest.mark.usefixtures("loaded")
def test_days_are_told_in_the_configured_time_zone(runtime: Runtime, store: Store) -> None:
    buy(runtime, store, "p1", "2026-11-11")
    runtime.settings = replace(runtime.settings, timezone="Pacific/Auckland")  # where it was 23:00
    import_rows(
        store,
        "transactions",
        [{"contact_id": "c1", "product_id": "p2", "occurred_at": "2026-11-11T13:00:00Z"}],
        runtime.settings.zone,
    )

    assert told(runtime)["p1"].startswith("Bought Fax once, on 11 Nov.")
    assert told(runtime)["p2"].startswith("Bought Phone once, on 12 Nov.")


@pytest.mark.usefixtures("loaded")
def test_a_readers_own_verdict_is_told_as_his(runtime: Runtime, store: Store, clock: Clock) -> None:
    say(
        runtime,
        store,
        {"type": "discard", "product_id": "p1", "occurred_at": "2026-11-03T10:00:00Z", "actor_id": "ann"},
        {"type": "accept", "product_id": "p2", "occurred_at": "2026-11-04T10:00:00Z"},
    )
    clock.set("2026-11-21T10:00:00")  # the discarded pair has rested

    assert told(runtime, actor_id="ann")["p1"] == "New for this contact. You discarded it on 3 Nov."
    assert told(runtime, actor_id="bob")["p1"] == "New for this contact. Discarded on 3 Nov."
    assert told(runtime, actor_id="ann")["p2"] == "New for this contact. Accepted on 4 Nov."


@pytest.mark.usefixtures("loaded")
def test_rules_are_told_by_their_reason(runtime: Runtime) -> None:
    rules = [
        {"id": "gold", "when": "product.id = 'p1'", "then": {"multiply": 1.2}, "reason": "Gold focus"},
        {"id": "thin", "when": "product.id = 'p2'", "then": {"multiply": 0.8}},
    ]
    policy = {"name": "recommended", "rules": rules}
    publish_policy(runtime, "default", "recommended", policy, author="t", comment="", if_match=None, draft=False)

    assert told(runtime)["p1"] == "New for this contact. Moved up: Gold focus."
    assert told(runtime)["p2"] == "New for this contact. Moved down: rule thin."


@pytest.mark.usefixtures("loaded")
def test_the_chance_is_told_once_enough_offers_are_settled(runtime: Runtime, store: Store) -> None:
    events = [
        {"type": kind, "contact_id": f"x{n}", "product_id": "p1", "occurred_at": f"2026-11-10T1{hour}:00:00Z"}
        for n in range(40)
        for hour, kind in enumerate(("pitch", "win" if n % 4 == 0 else "loss"))
    ]
    say(runtime, store, *events)
    assert "offers win" not in told(runtime)["p1"]
    run_recompute(runtime, "default", force=True)

    assert "% of such offers win, 2" in told(runtime)["p1"]
    assert all(sentence.endswith("usually.") for sentence in told(runtime).values())
