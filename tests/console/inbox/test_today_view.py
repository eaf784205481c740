"""What a person did today, from the log."""

import orjson

from dog.services.runtime import Runtime
from tests.conftest import Clock
from tests.console.inbox.conftest import Rep
from tests.console.inbox.test_keep_actions import action


def test_today_lists_what_was_kept_by_this_person_and_not_taken_back(rep: Rep, runtime: Runtime, clock: Clock) -> None:
    rep.post("/inbox/event", action(runtime, "e1", "accept"))
    clock.now_ms += 1000
    rep.post("/inbox/event", action(runtime, "e2", "pitch"))
    rep.post("/inbox/event", action(runtime, "e3", "discard", "p2"))
    rep.post("/inbox/event", action(runtime, "refused", "replace"))
    rep.post("/inbox/retract", {"event_id": "e3", "product": "", "contact": ""})
    today = orjson.loads(rep.get("/inbox/today").data)
    clock.set("2026-11-21T08:00:00")

    assert [(line["id"], line["type"], line["product"], line["contact"]) for line in today] == [
        ("e2", "pitch", "Fax machine", "Ann Miller"),
        ("e1", "accept", "Fax machine", "Ann Miller"),
    ]
    assert orjson.loads(rep.get("/inbox/today").data) == []
