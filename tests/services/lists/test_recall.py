"""The memory of past cases in lists: a third factor on the odds, told in receipts, erased with its contact."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dog.models.start.memory import owner_of
from dog.offline.train_start import train_start
from dog.services.data.erase import erase
from dog.services.lists.contact_filter import ContactFilter
from dog.services.lists.gather_inputs import gather_inputs
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_across_contacts import across_context, rank_across_contacts
from dog.services.lists.rank_request import Ranking, rank_request
from dog.services.lists.recall import Recalled
from dog.services.lists.snapshot import Snapshots
from dog.services.lists.write_receipts import write_items
from dog.services.policies.policy_store import policies_by_name, store_policy
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Api
from tests.offline.case_worlds import fill_cases
from tests.services.conftest import one_server

VISITOR = {"segment": "likes wine"}


def publish(runtime: Runtime, store: Store, **settings: Any) -> None:
    policy = policies_by_name(store)["recommended"]
    changed = replace(policy, reinforcement=replace(policy.reinforcement, **settings))
    store_policy(store, changed, "me", "", runtime.clock(), activate=True)


@pytest.fixture
def remembering(runtime: Runtime, store: Store) -> Store:
    """Open a tenant whose memory is proved and used."""
    fill_cases(runtime, store, alike=True)
    train_start(runtime, store)
    run_recompute(runtime, "default")
    publish(runtime, store, memory=True)
    return store


def ranked(runtime: Runtime, store: Store, **more: Any) -> Ranking:
    return rank_request(runtime, store, ListRequest("new", k=6, contact=VISITOR, **more))


def recalled_of(ranking: Ranking) -> Recalled:
    assert ranking.options.recalled is not None
    return ranking.options.recalled


def by_product(ranking: Ranking) -> dict[str, dict[str, Any]]:
    return {item["product_id"]: item for item in write_items(ranking).documents()}


def test_what_contacts_like_a_visitor_won_moves_the_odds_by_category(runtime: Runtime, remembering: Store) -> None:
    ranking = ranked(runtime, remembering)
    found, memory = recalled_of(ranking), runtime.shared(Snapshots).current(remembering).memory

    assert memory is not None
    for product, factor in zip(ranking.options.product_ids, found.factor.tolist(), strict=True):
        ratio = found.found.ratios[0, memory.categories.index(product[:-1])]
        assert (factor > 1.1) if product.startswith("wine") else (factor < 0.95)
        assert factor == pytest.approx(ratio**memory.trust) or factor > ratio**memory.trust  # not below d_min
    assert ranking.options.performance == pytest.approx(found.published * found.factor)


@one_server
def test_the_factors_of_a_receipt_multiply_to_the_score(runtime: Runtime, remembering: Store) -> None:
    items = by_product(ranked(runtime, remembering))

    for item in items.values():
        factors = item["factors"]
        performance, memory, p = factors["performance"], factors["performance"]["memory"], factors["consolidated"]
        m = performance["odds"]
        published = m / memory["factor"]
        assert memory["ratio"] == pytest.approx((2 + memory["wins"]) / (2 + memory["expected"]))
        assert m == pytest.approx(max(published * memory["ratio"] ** memory["trust"], 1 / 3))
        assert published == pytest.approx(
            (performance["product_ratio"] ** performance["trust"]["product"]) * performance["step"]
        )
        assert performance["multiplier"] == pytest.approx(m / (1 - p + p * m), abs=1e-12)
        product = p * performance["multiplier"] * factors["streak"] * factors["market"] * factors["business"]
        assert item["score"] == pytest.approx(product * factors["clamp"], abs=1e-9)


@one_server
def test_the_rationale_says_what_contacts_like_this_one_won(runtime: Runtime, remembering: Store) -> None:
    items = by_product(ranked(runtime, remembering))
    wine, bread = items["wine0"]["attributes"]["rationale"], items["bread0"]["attributes"]["rationale"]

    assert " contacts like this one won " in wine
    assert " offers in wine, where about " in wine
    assert " offers in bread, where about " in bread


def test_what_a_visitor_bought_says_over_http_which_contacts_are_like_it(api: Api, remembering: Store) -> None:
    del remembering
    factors = []
    for category in ("wine", "bread"):
        events = [{"type": "purchase", "product_id": f"{category}{n}"} for n in range(3)]
        body = {"contact_id": "visitor", "contact": {}, "events": events, "dry_run": True}
        answer = api.post("/v1/recommendations", body)
        assert answer.status_code == 200, answer.json
        found = {item["product_id"]: item["factors"]["performance"]["memory"] for item in answer.json["items"]}
        assert found["wine0"]["category"] == "wine"
        factors.append(found["wine0"]["factor"])

    assert factors[0] > 1 > factors[1]


@one_server
def test_the_bounds_of_the_multiplier_hold(runtime: Runtime, remembering: Store) -> None:
    snapshot = runtime.shared(Snapshots).current(remembering)
    multipliers = snapshot.policy("recommended").multipliers
    assert multipliers is not None
    active = replace(
        snapshot.policy("recommended"),
        multipliers=replace(multipliers, settings=replace(multipliers.settings, a_max=1.05, d_min=0.99)),
    )
    ranking = ranked(runtime, remembering)
    snapshot = replace(snapshot, policies={**snapshot.policies, "recommended": active})
    context = replace(ranking.context, snapshot=snapshot)
    options, _, _ = gather_inputs(context, active, ranking.contacts)
    assert options.recalled is not None
    published = options.recalled.published

    assert (options.performance <= np.maximum(published, 1.05) + 1e-12).all()
    assert (options.performance >= np.minimum(published, 0.99) - 1e-12).all()


@one_server
def test_a_contact_is_not_counted_among_those_like_it(runtime: Runtime, remembering: Store) -> None:
    ranking = rank_request(runtime, remembering, ListRequest("k1", k=3))
    memory, owner = recalled_of(ranking).memory, owner_of(remembering.tenant.contact("k1"))
    own = memory.cases.owners == owner
    weights = memory.cases.attention(memory.cases.keys[own], np.array([owner], np.uint64))

    assert own.sum() == 1
    assert weights[0, own] == 0
    unchanged = memory.cases.read(memory.cases.keys[own], np.array([owner], np.uint64))
    assert recalled_of(ranking).found.records == pytest.approx(unchanged.records, rel=1e-3)


def without_option(runtime: Runtime, store: Store) -> None:
    publish(runtime, store, memory=False)


def without_version(runtime: Runtime, store: Store) -> None:
    store.execute("HDEL", store.keys.of("head"), "multipliers")


def without_trained_memory(runtime: Runtime, store: Store) -> None:
    store.execute("HDEL", store.keys.of("start"), "memory")
    publish(runtime, store, memory=True, explore=0.5)  # the next head


def with_curves(runtime: Runtime, store: Store) -> None:
    publish(runtime, store, memory=False, neutral="global")


@one_server
@pytest.mark.parametrize("without", [without_option, without_version, without_trained_memory, with_curves])
def test_without_option_proof_or_version_nothing_is_remembered(
    runtime: Runtime, remembering: Store, without: Callable[[Runtime, Store], None]
) -> None:
    without(runtime, remembering)
    ranking = ranked(runtime, remembering)

    assert ranking.options.recalled is None
    assert all("memory" not in item["factors"]["performance"] for item in write_items(ranking).documents())


def test_candidates_and_ranked_contacts_remember_the_same(runtime: Runtime, remembering: Store) -> None:
    candidates = [{"product_id": "wine0", "scores": {"cf": 0.3}}, {"product_id": "unknown", "scores": {"cf": 0.3}}]
    ranking = rank_request(runtime, remembering, ListRequest("k1", k=3, candidates=candidates))
    items = by_product(ranking)
    own = by_product(rank_request(runtime, remembering, ListRequest("k1", k=6)))
    context = across_context(runtime, remembering)
    number = context.snapshot.catalogue.numbers["wine0"]
    across = rank_across_contacts(replace(context, product=number), ContactFilter(), 300)
    told = next(item for item in across if item["contact_id"] == "k1")

    assert items["wine0"]["factors"]["performance"]["memory"] == own["wine0"]["factors"]["performance"]["memory"]
    assert "memory" not in items["unknown"]["factors"]["performance"]
    assert told["factors"]["performance"] == own["wine0"]["factors"]["performance"]
    best = [item["contact_id"] for item in across[:30]]
    assert sum(int(contact[1:]) % 2 for contact in best) > 25  # those of segment `likes wine`


def test_an_erased_contact_is_forgotten(runtime: Runtime, remembering: Store) -> None:
    owner = owner_of(remembering.tenant.contact("k1"))
    before = runtime.shared(Snapshots).current(remembering).memory
    erase(runtime, "default", "k1")
    after = runtime.shared(Snapshots).current(remembering).memory

    assert before is not None
    assert after is not None
    assert owner in before.cases.owners
    assert owner not in after.cases.owners
    assert len(after.cases) == len(before.cases) - 1
