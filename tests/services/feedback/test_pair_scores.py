import math
from typing import Any

import numpy as np
import pytest

from dog.services.data.import_rows import import_rows
from dog.services.feedback.pair_scores import Pair, PairScore, score_pairs
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.list_request import MAX_K, ListRequest
from dog.services.lists.rank_request import rank_request
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import event

CONTACTS = [f"c{n}" for n in range(1, 9)]
PRODUCTS = [f"p{n}" for n in range(1, 9)]


def scores(contact_id: str, model: str, products: list[str], as_of: str = "2026-11-01") -> list[dict[str, Any]]:
    """Write rows of scores, each model's its own function of contact and product."""
    rows = [
        {"product_id": product, "score": (7 * len(model) + 3 * int(contact_id[1:]) + 5 * n) % 11 / 12}
        for n, product in enumerate(products)
    ]
    return [{"contact_id": contact_id, "model": model, "as_of": as_of, **row} for row in rows]


@pytest.fixture
def varied(runtime: Runtime, loaded: Store) -> Store:
    """Load contacts that differ in which models have scored what of them, how long ago, and in their past."""
    zone = runtime.settings.zone
    import_rows(loaded, "products", [{"product_id": product, "category": "a"} for product in PRODUCTS[:7]], zone)
    import_rows(loaded, "contacts", [{"contact_id": contact, "segment": "gold"} for contact in CONTACTS], zone)
    rows = [
        *scores("c2", "churn", [""]),  # of the contact as a whole, beside products
        *scores("c4", "churn", [""]),  # of the contact alone: all products are options
        *scores("c5", "cf", ["p7", "p2"]),
        *scores("c5", "frequency", ["p3", "p8"]),  # p8 has no row
        *scores("c6", "churn", ["p1", "p5"], "2026-01-01"),  # too old
        *scores("c6", "cf", ["p5"]),
        *scores("c7", "cf", ["p8"]),
    ]
    import_rows(loaded, "scores", rows, zone)
    past = [
        event(f"{kind}{c}{p}", kind, f"p{p}", f"c{c}", occurred_at="2026-11-10T11:00:00Z")
        for c in (1, 5, 8)
        for p in (1, 2)
        for kind in ("pitch", "win")
    ]
    record_feedback(loaded, past, runtime.clock())
    return loaded


def of_its_list(runtime: Runtime, store: Store, pair: Pair) -> PairScore | None:
    """Return what a ranking of the contact alone says of a pair."""
    ranking = rank_request(runtime, store, ListRequest(pair[0], k=MAX_K, dry_run=True))
    if pair[1] not in ranking.options.product_ids:
        return None
    option = ranking.options.product_ids.index(pair[1])
    raw = dict(zip(ranking.active.policy.models, ranking.options.raw[:, option].tolist(), strict=True))
    given = {name: score for name, score in raw.items() if not math.isnan(score)}
    load = ranking.snapshot.consolidations.loads.number
    plain = float(ranking.ranked.scored.plain[option])
    return PairScore(score=plain, raw=(load, given) if load and given else None, log_ratios=None)


@pytest.mark.parametrize("method", ["stacking", "log_pool", "rrf"])
@pytest.mark.parametrize("seed", range(3))
def test_pairs_scored_together_have_the_scores_of_their_contacts_lists(
    runtime: Runtime, varied: Store, method: str, seed: int
) -> None:
    policy = {"name": "recommended", "consolidation": {"method": method}}
    publish_policy(runtime, "default", "recommended", policy, author="t", comment="", if_match=None, draft=False)
    every = [(contact, product) for contact in CONTACTS for product in PRODUCTS]
    chance = np.random.default_rng(seed)
    pairs = [every[place] for place in chance.choice(len(every), 40).tolist()]

    found = score_pairs(runtime, varied, pairs)
    wanted = {pair: score for pair in pairs if (score := of_its_list(runtime, varied, pair)) is not None}
    assert found == wanted
    assert found


def test_nobody_knows_a_score_of_unknown_contacts_and_products(runtime: Runtime, varied: Store) -> None:
    assert score_pairs(runtime, varied, [("nobody", "p1"), ("c1", "nothing")]) == {}
    assert score_pairs(runtime, varied, []) == {}


def test_after_a_recompute_pitches_record_the_ratios_of_product_and_pair(runtime: Runtime, varied: Store) -> None:
    run_recompute(runtime, "default")
    found = score_pairs(runtime, varied, [("c1", "p1"), ("c1", "p3")])

    assert found["c1", "p1"].log_ratios not in (None, (0.0, 0.0))
    assert found["c1", "p3"].log_ratios == (0.0, 0.0)  # nobody has pitched it
