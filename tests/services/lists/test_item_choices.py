"""Which channel an item has, and why: the request, a verdict, its record, the default."""

from typing import Any

import pytest

from dog.core.iso_weeks import WEEK_MS, iso_time
from dog.services.data.import_rows import import_rows
from dog.services.lists.snapshot import Snapshots
from dog.services.operations.doctor import run_doctor
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.multiplier_versions import read_versions
from dog.storage.store import Store
from tests.conftest import Api, Clock

START_MS = 1_791_882_000_000  # Tuesday 2026-10-13
WEEKS, CONTACTS = 5, 12
CANDIDATES = [{"product_id": "p1", "scores": {"cf": 0.3}}]


@pytest.fixture
def called(api: Api, loaded: Store, runtime: Runtime, clock: Clock) -> Store:
    """In segment gold calls win and e-mails do not: weeks of pitches by both, all settled."""
    rows = [{"contact_id": f"g{n}", "segment": "gold"} for n in range(CONTACTS)]
    import_rows(loaded, "contacts", rows, runtime.settings.zone)
    for week in range(WEEKS):
        clock.now_ms = START_MS + week * WEEK_MS
        events: list[dict[str, Any]] = []
        for n in range(CONTACTS):
            channel = ("email", "call")[(n + week) % 2]
            body = {"contact_id": f"g{n}", "context": {"channel": channel}, "candidates": CANDIDATES}
            decision = api.post("/v1/recommendations", body).json["decision_id"]
            named = {"contact_id": f"g{n}", "product_id": "p1", "occurred_at": iso_time(clock.now_ms)}
            kind = "win" if channel == "call" and n % 3 else "loss"
            events += [
                {**named, "event_id": f"p{week}-{n}", "type": "pitch", "decision_id": decision},
                {**named, "event_id": f"r{week}-{n}", "type": kind, "pitch_id": f"p{week}-{n}"},
            ]
        assert api.post("/v1/feedback", {"events": events}).json["accepted"] == len(events)
    clock.set("2026-11-20T12:00:00")
    run_recompute(runtime, "default", force=True)
    return loaded


def first(recommend: Any, contact: str, **more: Any) -> dict[str, Any]:
    found = recommend(contact, explain="full", dry_run=True, candidates=CANDIDATES, **more)
    item: dict[str, Any] = found["items"][0]
    return item


@pytest.mark.usefixtures("called")
def test_the_channel_that_wins_in_the_segment_is_offered_and_the_receipt_says_why(recommend: Any) -> None:
    item = first(recommend, "g0")
    chosen = item["inputs"]["choices"]["channel"]

    assert item["attributes"]["channel"] == chosen["value"] == "call"
    assert chosen["because"] == "record"
    assert chosen["factor"] > 1
    assert chosen["segment"]["wins"] == 20
    assert chosen["segment"]["pitches"] == 30
    assert chosen["segment"]["expected"] == pytest.approx(10, abs=2)
    assert "By call: 20 of 30 won in segment gold, where about 10 were expected." in item["attributes"]["rationale"]
    assert item["inputs"]["choices"]["time"]["because"] == "default"


@pytest.mark.usefixtures("called")
def test_a_request_a_verdict_and_what_the_contact_allows_come_before_the_record(api: Api, recommend: Any) -> None:
    asked = first(recommend, "g1", context={"channel": "email"})["inputs"]["choices"]["channel"]
    only = first(recommend, "c2")["inputs"]["choices"]["channel"]  # allows e-mail alone
    refusal = {
        "event_id": "v1",
        "type": "discard",
        "contact_id": "g2",
        "product_id": "p4",
        "occurred_at": "2026-11-20T11:00:00Z",
        "reason": {"trigger": "discomfort", "attribute": "channel", "attribute_value": "call"},
    }
    assert api.post("/v1/feedback", {"events": [refusal]}).json["accepted"] == 1
    refused = first(recommend, "g2")["inputs"]["choices"]["channel"]

    assert (asked["value"], asked["because"]) == ("email", "request")
    assert (only["value"], only["because"]) == ("email", "default")
    assert (refused["value"], refused["because"]) == ("email", "verdict")


@pytest.mark.usefixtures("called")
def test_another_segment_keeps_the_default(recommend: Any) -> None:
    item = first(recommend, "c3")

    assert item["attributes"]["channel"] == "email"
    assert item["inputs"]["choices"]["channel"] == {
        "value": "email",
        "because": "default",
        "factor": 1.0,
    }
    assert "By " not in item["attributes"]["rationale"]


def test_a_contacts_own_record_is_read_with_the_contact_and_goes_with_its_version(
    called: Store, runtime: Runtime, recommend: Any
) -> None:
    chosen = first(recommend, "g1")["inputs"]["choices"]["channel"]
    (version, *_) = read_versions(called)
    kept = called.keys.partition(called.tenant.partition_number(called.tenant.contact("g1")))

    assert chosen["contact"]["pitches"] > 0
    assert called.redis.hexists(
        kept.of("choices", f"{version.version}:recommended"),
        called.tenant.contact("g1"),
    )
    assert version.policies["recommended"]["choices"]["channel"]["trust"].keys() == {"segment", "contact"}
    assert "choices" not in version.policies["published"]
    assert {one.about for one in run_doctor(runtime, "default")} >= {
        f"trust of policy recommended by {name}" for name in ("channel", "time")
    }


def test_before_any_channel_is_learned_a_receipt_says_nothing_of_choices(runtime: Runtime, recommend: Any) -> None:
    item = first(recommend, "c1")
    snapshot = runtime.shared(Snapshots).get(runtime.store("default"))

    assert "choices" not in item["inputs"]
    assert item["attributes"]["channel"] == "call"  # the contact's own first
    assert snapshot.version is None
