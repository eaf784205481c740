import math

from dog.core.iso_weeks import DAY_MS
from dog.services.pairs.week_figures import count_weeks, lists_this_week, proportion
from dog.services.runtime import Runtime
from tests.conftest import Api, event


def test_the_interval_stays_between_zero_and_one() -> None:
    none, all_ = proportion(0, 10), proportion(10, 10)

    assert none.low == 0.0 < none.high < 0.5
    assert 0.5 < all_.low < all_.high <= 1.0
    assert math.isnan(proportion(0, 0).value)


def test_events_are_counted_in_the_week_in_which_they_happened(api: Api, loaded: object, runtime: Runtime) -> None:
    del loaded
    sent = [event("e1", "pitch"), event("e2", "win"), event("e3", "pitch", occurred_at="2026-11-10T11:00:00Z")]
    api.post("/v1/feedback", {"events": sent})
    before, now = count_weeks(runtime, "default", 2)

    assert (now["pitch"], now["win"], before["pitch"], before["win"]) == (1, 1, 1, 0)
    assert now["until_ms"] - before["until_ms"] == 7 * DAY_MS


def test_lists_are_counted_by_contact(api: Api, loaded: object, runtime: Runtime) -> None:
    del loaded
    for contact in ("c1", "c1", "c2"):
        api.post("/v1/recommendations", {"contact_id": contact})

    assert lists_this_week(runtime, "default") == {"week": "2026-W47", "lists": 3, "contacts": 2}
