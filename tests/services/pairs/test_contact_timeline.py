"""A contact's timeline: purchases, verdicts with notes, pitches and outcomes, newest first."""

from zoneinfo import ZoneInfo

from dog.services.data.import_rows import import_rows
from dog.services.pairs.contact_timeline import read_timeline
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api, event


def test_the_timeline_tells_who_did_what_and_why(api: Api, loaded: Store, runtime: Runtime) -> None:
    bought = [
        {"contact_id": "c1", "product_id": "p2", "occurred_at": f"2026-{day}T10:00:00Z", "amount": 12.5}
        for day in ("11-19", "03-01")
    ]
    import_rows(loaded, "transactions", bought, ZoneInfo("UTC"))
    refused = {"trigger": "discomfort", "attribute": "channel", "attribute_value": "call", "note": "Works at night"}
    replaced = {"attribute": "product", "from": "p1", "to": "p4"}
    events = [
        event("e1", "pitch", "p3", occurred_at="2026-11-18T10:00:00Z"),
        event("e2", "win", "p3", value=120.0, occurred_at="2026-11-20T09:00:00Z"),
        event("e3", "discard", reason=refused, actor_id="Ann"),
        event("e4", "restructure", replace=replaced, occurred_at="2026-11-20T11:30:00Z"),
    ]
    assert api.post("/v1/feedback", {"events": events}).json["accepted"] == 4
    told = read_timeline(runtime, "default", "c1")

    assert [(one.kind, one.product) for one in told] == [
        ("restructure", "Fax"),
        ("discard", "Fax"),
        ("win", "Desk"),
        ("purchase", "Phone"),
        ("pitch", "Desk"),
        ("purchase", "Phone"),
    ]
    assert (told[0].attribute, told[0].replacement) == ("product", "Chair")
    assert (told[1].actor_id, told[1].note, told[1].attribute_value) == ("Ann", "Works at night", "call")
    assert (told[2].value, told[3].value) == (120.0, 12.5)


def test_the_timeline_has_no_more_entries_than_asked_for(api: Api, loaded: Store, runtime: Runtime) -> None:
    del loaded
    api.post("/v1/feedback", {"events": [event(f"e{n}", "pitch") for n in range(9)]})

    assert [one.event_id for one in read_timeline(runtime, "default", "c1", most=2)] == ["e8", "e7"]
    assert read_timeline(runtime, "default", "nobody") == []
