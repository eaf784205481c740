"""A small tenant whose right answers are known: three contacts, four products, two models."""

from typing import Any

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api

PRODUCTS = [
    {"product_id": "p1", "name": "Fax", "category": "office", "value": 10.0},
    {"product_id": "p2", "name": "Phone", "category": "office", "value": 20.0},
    {"product_id": "p3", "name": "Desk", "category": "furniture", "value": 30.0},
    {"product_id": "p4", "name": "Chair", "category": "furniture", "value": 40.0},
]
CONTACTS = [
    {"contact_id": "c1", "account_id": "a1", "name": "Ann", "segment": "gold", "channels": "call;email"},
    {"contact_id": "c2", "account_id": "a1", "name": "Bob", "segment": "gold", "channels": "email"},
    {"contact_id": "c3", "account_id": "a2", "name": "Cid", "segment": "iron"},
]


@pytest.fixture
def loaded(runtime: Runtime, store: Store) -> Store:
    """Load products, contacts and scores; for every contact p1 scores best, p4 worst."""
    zone = runtime.settings.zone
    import_rows(store, "products", PRODUCTS, zone)
    import_rows(store, "contacts", CONTACTS, zone)
    scores = [
        {
            "contact_id": f"c{c}",
            "product_id": f"p{p}",
            "model": model,
            "score": 0.5 - p / 10,
            "as_of": "2026-11-01",
        }
        for c in (1, 2, 3)
        for p in (1, 2, 3, 4)
        for model in ("frequency", "cf")
    ]
    import_rows(store, "scores", scores, zone)
    return store


@pytest.fixture
def recommend(api: Api, loaded: Store) -> Any:
    """Ask for a list and return its JSON."""
    del loaded

    def ask(contact_id: str = "c1", **more: Any) -> dict[str, Any]:
        answer = api.post("/v1/recommendations", {"contact_id": contact_id, **more})
        assert answer.status_code == 200, answer.json
        body: dict[str, Any] = answer.json
        return body

    return ask


def event(event_id: str, kind: str, product_id: str = "p1", contact_id: str = "c1", **more: Any) -> dict[str, Any]:
    """Write one event, an hour before the tests' now."""
    return {
        "event_id": event_id,
        "type": kind,
        "contact_id": contact_id,
        "product_id": product_id,
        "occurred_at": "2026-11-20T11:00:00Z",
        **more,
    }
