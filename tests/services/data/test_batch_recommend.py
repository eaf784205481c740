from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import numpy as np
import pytest

from dog.services.data.batch_recommend import open_batch, plan_parts, rank_part
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Clock

RULES = [
    {"id": "dear", "when": "product.category = 'g1' AND score.cf > 0.5", "then": {"multiply": 1.3}},
    {"id": "gold", "when": "contact.segment = 'gold'", "then": {"multiply": 1.1}},
    {"id": "no-g4", "when": "contact.segment IS NULL AND product.category = 'g4'", "then": {"exclude": True}},
    {"id": "tired", "then": {"limit": {"event": "pitch", "by": "pair", "at_most": 1, "days": 30}}},
    {"id": "busy", "then": {"limit": {"event": "pitch", "by": "contact", "at_most": 3, "days": 30}}},
    {"id": "won", "when": "wins >= 1", "then": {"multiply": 0.5}},
    {"id": "varied", "then": {"cap": {"by": "product.category", "at_most": 2}}},
    {"id": "first", "when": "product.id = 'p7'", "then": {"pin": 1}},
]


def load_motley(runtime: Runtime, store: Store, clock: Clock) -> None:
    """Load contacts of every kind: with and without segment, scores, churn alone, outcomes, verdicts."""
    zone, random = runtime.settings.zone, np.random.default_rng(1)
    import_rows(store, "products", [{"product_id": f"p{n}", "category": f"g{n % 6}"} for n in range(40)], zone)
    people = [{"contact_id": f"c{n}"} | ({"segment": "gold"} if n % 3 else {}) for n in range(60)]
    import_rows(store, "contacts", people, zone)
    rows: list[dict[str, Any]] = [
        {"contact_id": f"c{n}", "product_id": f"p{p}", "model": model, "score": random.random(), "as_of": "2026-11-01"}
        for n in range(50)
        for p in range(n % 7, 40, 1 + n % 3)
        for model in ("cf", "frequency")[: 1 + n % 2]
    ]
    churn = [
        {"contact_id": f"c{n}", "product_id": "", "model": "churn", "score": n / 60, "as_of": f"2026-{8 + n % 4:02}-01"}
        for n in range(0, 60, 2)
    ]
    import_rows(store, "scores", [*rows, *churn], zone)
    at = (datetime.fromtimestamp(clock.now_ms / 1000, UTC) - timedelta(days=9)).isoformat()
    names = [(n, p) for n in range(0, 60, 4) for p in range(n % 5)]
    events = [
        {"event_id": f"{kind}{n}-{p}", "type": kind, "contact_id": f"c{n}", "product_id": f"p{p}", "occurred_at": at}
        for n, p in names
        for kind in ("pitch", *(("win",) if p % 2 else ()), *(("discard",) if n % 8 == 0 else ()))
    ]
    assert {result.status for result in record_feedback(store, events, runtime.clock())} == {"accepted"}
    policy = {"name": "recommended", "rules": RULES}
    publish_policy(runtime, "default", "recommended", policy, author="test", comment="", if_match=None, draft=False)
    run_recompute(runtime, "default", force=True)


def test_lists_made_together_are_those_made_one_by_one_to_the_last_bit(
    runtime: Runtime, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_motley(runtime, store, clock)

    def lines() -> list[tuple[Any, ...]]:
        found = rank_part(runtime, range(64), open_batch(runtime, "default", 6, "recommended"))
        return list(zip(*found, strict=True))

    together = lines()
    monkeypatch.setattr("dog.services.data.batch_recommend.CONTACTS_AT_ONCE", 1)
    one_by_one = lines()

    assert together == one_by_one
    assert len({line[0] for line in together}) > 40
    assert any(line[1:3] == (1, "p7") for line in together)


def test_parts_hold_all_partitions_in_order_and_enough_contacts(
    runtime: Runtime, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_motley(runtime, store, clock)
    assert plan_parts(store) == [range(64)]

    monkeypatch.setattr("dog.services.data.batch_recommend.CONTACTS_OF_PART", 20)
    parts = plan_parts(store)

    assert [partition for part in parts for partition in part] == list(range(64))
    assert 1 < len(parts) <= 3
    batch = open_batch(runtime, "default", 6, None)
    columns = zip(*(rank_part(runtime, part, batch) for part in parts), strict=True)
    assert [list(chain.from_iterable(column)) for column in columns] == rank_part(runtime, range(64), batch)
