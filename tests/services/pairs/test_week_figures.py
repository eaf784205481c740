import math

from dog.services.pairs.week_figures import accept_rate, lists_this_week, proportion
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api, event


def test_the_interval_stays_between_zero_and_one() -> None:
    none, all_ = proportion(0, 10), proportion(10, 10)

    assert none.low == 0.0 < none.high < 0.5
    assert 0.5 < all_.low < all_.high <= 1.0
    assert math.isnan(proportion(0, 0).value)


def test_the_accept_rate_is_of_the_verdicts_of_the_last_days(api: Api, loaded: Store, runtime: Runtime) -> None:
    sent = [
        event("e1", "accept"),
        event("e2", "discard", "p2"),
        event("e3", "accept", "p3", occurred_at="2026-11-10T11:00:00Z"),
    ]
    api.post("/v1/feedback", {"events": sent})

    assert accept_rate(loaded, runtime.clock(), 10) == proportion(1, 2)
    assert accept_rate(loaded, runtime.clock(), 11) == proportion(2, 3)


def test_lists_are_counted_by_contact(api: Api, loaded: object, runtime: Runtime) -> None:
    del loaded
    for contact in ("c1", "c1", "c2"):
        api.post("/v1/recommendations", {"contact_id": contact})

    assert lists_this_week(runtime, "default") == {"week": "2026-W47", "lists": 3, "contacts": 2}
