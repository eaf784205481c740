"""What each cause takes by itself, where causes overlap."""

from typing import Any

import numpy as np

from dog.services.lists.contact_filter import EVERYONE, scan_records
from dog.services.lists.rank_across_contacts import across_context, rank_pages
from dog.services.lists.taken_offers import Cause, TakenOffers, find_taken_offers
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api, event

RULES: list[dict[str, Any]] = [
    {"id": "no-p2", "when": "product.id = 'p2'", "then": {"exclude": True}},
    {"id": "not-for-c1", "when": "contact.id = 'c1'", "then": {"exclude": True}},
    {"id": "damp", "when": "product.id = 'p3'", "then": {"multiply": 0.1}},
    {"id": "push", "when": "product.id = 'p3'", "then": {"multiply": 2.0}},
]


def taken_from(runtime: Runtime, store: Store, contact_id: str) -> dict[Cause, tuple[set[str], float]]:
    """Return the products that each cause takes from a contact, and the contact's best score without it."""
    found = {}
    for ranking in rank_pages(across_context(runtime, store), scan_records(store, EVERYONE)):
        ids = [str((contact.record or {})["contact_id"]) for contact in ranking.contacts]
        if contact_id in ids:
            place = ids.index(contact_id)
            own = slice(*ranking.options.starts[place : place + 2].tolist())
            for one in find_taken_offers(ranking):
                products = np.array(list(ranking.options.product_ids))[own][one.options[own]]
                if len(products):
                    found[one.cause] = ({str(product) for product in products}, _best(one, place))
    return found


def _best(one: TakenOffers, place: int) -> float:
    return float(one.best[place])


def test_an_option_that_two_causes_take_is_not_freed_by_one_of_them(api: Api, runtime: Runtime, loaded: Store) -> None:
    publish_policy(
        runtime,
        "default",
        "recommended",
        {"name": "recommended", "rules": RULES[:2]},
        author="t",
        comment="",
        if_match=None,
        draft=False,
    )
    api.post("/v1/products", [{"product_id": "p1", "active_to": "2026-01-01"}])
    api.post("/v1/feedback", {"events": [event("d4", "discard", "p4", "c1")]})
    found = taken_from(runtime, loaded, "c1")
    every = {"p1", "p2", "p3", "p4"}

    assert {cause: products for cause, (products, _) in found.items()} == {
        Cause("rule", "no-p2"): {"p2"},
        Cause("rule", "not-for-c1"): every,
        Cause("season"): {"p1"},
        Cause("rest"): {"p4"},
    }
    freeing = {cause for cause, (_, best) in found.items() if not np.isnan(best)}
    assert freeing == {Cause("rule", "not-for-c1")}  # p3 is taken by it alone


def test_a_rule_that_lowers_scores_is_a_cause_and_one_that_raises_them_is_none(runtime: Runtime, loaded: Store) -> None:
    publish_policy(
        runtime,
        "default",
        "recommended",
        {"name": "recommended", "rules": RULES[2:]},
        author="t",
        comment="",
        if_match=None,
        draft=False,
    )
    found = taken_from(runtime, loaded, "c1")

    assert {cause: products for cause, (products, _) in found.items()} == {Cause("rule", "damp"): {"p3"}}
