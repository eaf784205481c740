"""A tenant whose contacts have tastes: three groups of products, each contact buys mostly of one of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dog.core.iso_weeks import utc_time
from dog.core.policy.policy_settings import START
from dog.models.start.fit_start import MOST_CONTACTS
from dog.offline.history.read_purchases import read_purchases
from dog.offline.train_start import train_start
from dog.services.data.import_rows import import_rows
from dog.services.lists.snapshot import read_head
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.services.weekly.describe_loads import describe_loads
from dog.storage.catalogue import read_models
from dog.storage.start_models import HEAD_FIELD, put_start, read_start_version
from dog.storage.store import Store
from tests.conftest import Api

GROUPS, PRODUCTS_PER_GROUP, CONTACTS = 3, 20, 300
PRODUCT_COUNT = GROUPS * PRODUCTS_PER_GROUP
SEGMENTS = ("gold", "iron", "lead")
BOUGHT = 8
DAY_MS = 86_400_000


def group_of(product_id: str) -> int:
    """Return the group of a product such as `p7`."""
    return int(product_id.removeprefix("p")) // PRODUCTS_PER_GROUP


def load_tastes(runtime: Runtime, store: Store, *, tasteful: bool = True) -> None:
    """Load products, contacts and purchases, and train the model start.

    Contact `c5` is of segment 5 % 3 and likes group 5 % 3: segments tell the taste, as purchases do.
    """
    zone, chance = runtime.settings.zone, np.random.default_rng(1)
    products = [{"product_id": f"p{n}", "category": f"g{n // PRODUCTS_PER_GROUP}"} for n in range(PRODUCT_COUNT)]
    import_rows(store, "products", products, zone)
    people = [{"contact_id": f"c{n}", "segment": SEGMENTS[n % GROUPS]} for n in range(CONTACTS)]
    import_rows(store, "contacts", people, zone)
    popularity = np.tile(np.linspace(1.5, 0.7, PRODUCTS_PER_GROUP), GROUPS)
    rows: list[Mapping[str, Any]] = []
    for number in range(CONTACTS):
        liked = np.arange(PRODUCT_COUNT) // PRODUCTS_PER_GROUP == number % GROUPS
        weights = popularity * np.where(liked & tasteful, 20.0, 1.0)
        bought = chance.choice(PRODUCT_COUNT, BOUGHT, replace=False, p=weights / weights.sum())
        first_ms = runtime.clock() - 100 * DAY_MS
        rows += [
            {
                "contact_id": f"c{number}",
                "product_id": f"p{product}",
                "occurred_at": utc_time(first_ms + place * DAY_MS),
                "quantity": 1,
                "amount": 5.0,
            }
            for place, product in enumerate(bought.tolist())
        ]
    import_rows(store, "transactions", rows, zone)
    if tasteful not in TRAINED:
        train_start(runtime, store)
        version = read_head(store)[HEAD_FIELD.encode()].decode()
        trained = read_start_version(store, version)
        assert trained is not None
        TRAINED[tasteful] = trained.packed, read_models(store)[START]
    packed, record = TRAINED[tasteful]
    events = read_purchases(store, MOST_CONTACTS)  # another secret orders contacts differently
    put_start(store, packed, {**record, "data": events.fingerprint}, runtime.clock())
    describe_loads(LocalRunner(runtime), store, runtime.clock())


TRAINED: dict[bool, tuple[bytes, Mapping[str, Any]]] = {}
"""What training made of each world in this process: it takes seconds, and is always the same."""


def ask(api: Api, contact_id: str = "visitor", **more: Any) -> dict[str, Any]:
    answer = api.post("/v1/recommendations", {"contact_id": contact_id, "dry_run": True, **more})
    assert answer.status_code == 200, answer.json
    body: dict[str, Any] = answer.json
    return body


def products_of(decision: dict[str, Any]) -> list[str]:
    return [item["product_id"] for item in decision["items"]]


def bought(*products: int) -> list[dict[str, str]]:
    return [{"type": "purchase", "product_id": f"p{product}"} for product in products]
