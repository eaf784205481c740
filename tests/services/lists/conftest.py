"""A tenant with tastes, for contacts that no model has scored, and a ranking on which rules of each sort have acted."""

from typing import Any

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking, rank_request
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.start_world import load_tastes

RULES: list[dict[str, Any]] = [
    {"id": "no-fax", "when": "product.id = 'p1'", "then": {"exclude": True}, "reason": 'Fax is "100 %" out'},
    {"id": "push", "when": "score.cf > 0.15", "then": {"multiply": 1.5}},
    {"id": "first", "when": "product.id = 'p3'", "then": {"pin": 1}},
    {"id": "never", "when": "score.cf > 2", "then": {"multiply": 2.0}},
    {"id": "unsure", "when": "product.weight > 2", "then": {"multiply": 2.0}},
]


@pytest.fixture
def ruled(runtime: Runtime, loaded: Store) -> Ranking:
    """Rank a contact with feedback; p5 has a score of one model alone."""
    zone = runtime.settings.zone
    import_rows(loaded, "products", [{"product_id": "p5", "name": "Tölö", "weight": 1.0}], zone)
    score = {"contact_id": "c1", "product_id": "p5", "model": "cf", "score": 0.3, "as_of": "2026-11-01"}
    import_rows(loaded, "scores", [score], zone)
    events = [
        {"event_id": kind, "type": kind, "contact_id": "c1", "product_id": "p2", "occurred_at": "2026-11-04T10:00:00Z"}
        for kind in ("pitch", "win")
    ]
    record_feedback(loaded, events, runtime.clock())
    policy = {"name": "recommended", "models": {"frequency": {"weight": 0.5}, "cf": {"weight": 0.5}}, "rules": RULES}
    publish_policy(runtime, "default", "recommended", policy, author="t", comment="", if_match=None, draft=False)
    run_recompute(runtime, "default")
    return rank_request(runtime, loaded, ListRequest("c1", exclude=("p4",)))


@pytest.fixture
def tastes(runtime: Runtime, store: Store) -> Store:
    load_tastes(runtime, store)
    return store
