"""Limits by product: counted over all contacts, each event once, taken back by a retraction."""

from collections.abc import Callable
from typing import Any

import pytest

from dog.services.lists.product_event_counts import EVERY_MS
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api, Clock, event

POLICY = """
name = "recommended"
[models]
cf = {weight = 1.0}
[[rules]]
id = "crowded"
then = {limit = {event = "pitch", by = "product", at_most = 2, days = 7}}
reason = "pitched enough this week"
"""


@pytest.fixture
def limited(api: Api, loaded: Store) -> Api:
    """Publish a policy that rests a product after two pitches to anybody in a week."""
    headers = {"Authorization": f"Bearer {api.key}", "Content-Type": "application/toml"}
    assert api.client.put("/v1/policies/recommended", data=POLICY, headers=headers).status_code in (200, 201)
    assert loaded is not None
    return api


def products(recommend: Callable[..., dict[str, Any]], clock: Clock) -> list[str]:
    clock.now_ms += EVERY_MS  # the counts are read once a minute
    return [item["product_id"] for item in recommend("c3")["items"]]


def test_a_product_rests_once_it_was_pitched_enough_to_anybody(
    limited: Api, recommend: Callable[..., dict[str, Any]], clock: Clock
) -> None:
    pitches = [event("a", "pitch", "p1", "c1"), event("b", "pitch", "p1", "c2"), event("c", "pitch", "p2", "c1")]
    before = products(recommend, clock)
    for _ in range(3):  # the same events again and again count once
        limited.post("/v1/feedback", {"events": pitches[:1] + pitches[2:]})
    once = products(recommend, clock)
    limited.post("/v1/feedback", {"events": pitches})
    twice = products(recommend, clock)
    limited.post("/v1/feedback/b/retract")
    limited.post("/v1/feedback/b/retract")
    taken_back = products(recommend, clock)
    clock.now_ms += 8 * 86_400_000

    assert before == once == taken_back == ["p1", "p2", "p3", "p4"]
    assert twice == ["p2", "p3", "p4"]


def test_pitches_of_longer_ago_do_not_count(
    limited: Api, recommend: Callable[..., dict[str, Any]], clock: Clock, runtime: Runtime
) -> None:
    old = [event(f"o{n}", "pitch", "p1", "c1", occurred_at="2026-11-12T10:00:00Z") for n in range(5)]
    ancient = [event(f"x{n}", "pitch", "p1", "c1", occurred_at="2020-11-12T10:00:00Z") for n in range(5)]
    limited.post("/v1/feedback", {"events": old + ancient})

    assert products(recommend, clock) == ["p1", "p2", "p3", "p4"]
    assert not runtime.redis.keys("dog:*:daily:18578")  # a day of 2020 is not counted at all
