from typing import Any

import orjson
import pytest

from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking, rank_request
from dog.services.lists.verdict_runs import write_runs
from dog.services.runtime import Runtime
from dog.storage.sender import Sender
from dog.storage.store import Store

ADMIN = Sender(key_id="admin", is_admin=True, names_actors=True)


def verdict(number: int, kind: str, trigger: str = "performance", **more: Any) -> dict[str, Any]:
    at = f"2026-11-04T10:00:{number:02}Z"
    event = {"event_id": f"v{number}", "type": kind, "contact_id": "c1", "product_id": "p2", "occurred_at": at}
    return {**event, "reason": {"trigger": trigger}, **more}


def runs_of(ranking: Ranking) -> dict[str, Any]:
    products = ranking.options.products.take(ranking.ranked.chosen).tolist()
    return dict(zip(ranking.product_ids, map(orjson.loads, write_runs(ranking, products)), strict=True))


@pytest.fixture
def judged(runtime: Runtime, loaded: Store) -> Store:
    """Accept p2 twice for c1; refuse its category for the market by two voters, for business needs by an admin."""
    events = [verdict(1, "accept"), verdict(2, "accept")]
    events += [verdict(3 + n, "discard", "market", contact_id="c2", actor_id=f"a{n}") for n in range(2)]
    events += [verdict(5, "discard", "business", contact_id="c2")]
    record_feedback(loaded, events, runtime.clock(), sender=ADMIN)
    return loaded


def test_each_item_has_the_votes_on_its_category_and_the_run_of_its_pair(runtime: Runtime, judged: Store) -> None:
    found = runs_of(rank_request(runtime, judged, ListRequest("c1")))

    of_category = {"segment": -2, "tenant": -2, "admin": -1}
    assert found == {"p1": of_category, "p2": {**of_category, "pair": 2}, "p3": {}, "p4": {}}


def test_without_verdicts_nothing_acts(runtime: Runtime, loaded: Store) -> None:
    found = runs_of(rank_request(runtime, loaded, ListRequest("c1")))

    assert set(map(str, found.values())) == {"{}"}
