from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest

from dog.errors import InvalidInput, NotFound
from dog.services.data.batch_recommend import batch_recommend, write_batch
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Clock


@pytest.fixture
def loaded(runtime: Runtime, store: Store) -> None:
    contacts = [{"contact_id": f"c{n}"} for n in range(5)]
    scores = [
        {
            "contact_id": f"c{n}",
            "product_id": f"p{p}",
            "model": "cf",
            "score": 0.1 + p / 10 + n / 100,
            "as_of": "2026-11-01",
        }
        for n in range(5)
        for p in range(4)
    ]
    import_rows(store, "contacts", contacts, runtime.settings.zone)
    import_rows(store, "scores", scores, runtime.settings.zone)


@pytest.mark.parametrize("name", ["lists.csv", "lists.parquet"])
def test_a_batch_holds_the_lists_that_the_api_would_give(
    runtime: Runtime, loaded: None, tmp_path: Path, name: str
) -> None:
    count = write_batch(runtime, "default", tmp_path / name, 2, "recommended", lambda _: None)
    table = pd.read_csv(tmp_path / name) if name.endswith("csv") else pd.read_parquet(tmp_path / name)
    served = orjson.loads(recommend(runtime, "default", ListRequest("c3", k=2, dry_run=True)).body)["items"]
    rows = table[table["contact_id"] == "c3"].sort_values("rank")

    assert count == len(table) == 10
    assert rows["product_id"].tolist() == [item["product_id"] for item in served]
    assert rows["score"].tolist() == pytest.approx([item["score"] for item in served])


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
        found = batch_recommend(runtime, "default", 6, "recommended")
        return [line for _, columns in found for line in zip(*columns, strict=True)]

    together = lines()
    monkeypatch.setattr("dog.services.data.batch_recommend.CONTACTS_AT_ONCE", 1)
    one_by_one = lines()

    assert together == one_by_one
    assert len({line[0] for line in together}) > 40
    assert any(line[1:3] == (1, "p7") for line in together)


def test_a_batch_to_an_unknown_kind_of_file_or_policy_is_refused(
    runtime: Runtime, loaded: None, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="ending must be"):
        write_batch(runtime, "default", tmp_path / "x.xlsx", 2, "recommended", lambda _: None)
    with pytest.raises(NotFound, match="is not active"):
        write_batch(runtime, "default", tmp_path / "x.csv", 2, "nope", lambda _: None)
