"""What a request may add of a contact: attributes and recent events, over HTTP; nothing of them is kept."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.records import PURCHASES
from dog.services.lists.request_contact import add_purchases
from dog.storage.store import Store
from tests.conftest import Api
from tests.start_world import ask, bought, products_of

ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3), st.integers(0, 99)), max_size=8)


def purchases(rows: list[tuple[int, int, int]]) -> np.ndarray:
    return np.array(rows, PURCHASES) if rows else np.zeros(0, PURCHASES)


@given(ROWS, ROWS)
def test_purchases_add_up_by_product(known: list[tuple[int, int, int]], added: list[tuple[int, int, int]]) -> None:
    found = add_purchases(purchases(known), purchases(added))

    every = [*known, *added]
    assert found["product"].tolist() == sorted({product for product, _, _ in every})
    for product, count, last in found.tolist():
        own = [row for row in every if row[0] == product]
        assert count == sum(row[1] for row in own)
        assert last == max(row[2] for row in own)


def test_nothing_that_a_request_adds_is_kept(api: Api, tastes: Store) -> None:
    asked = {"contact_id": "visitor", "contact": {"segment": "gold"}, "events": bought(45, 46)}
    assert api.post("/v1/recommendations", asked).json["lap"] == 1

    assert api.post("/v1/recommendations", {"contact_id": "visitor"}).status_code == 404
    assert "after" not in ask(api, contact={})["notes"][0]


def test_without_attributes_or_events_an_unknown_contact_stays_an_error(api: Api, tastes: Store) -> None:
    problem = api.post("/v1/recommendations", {"contact_id": "typo"}).json

    assert problem["code"] == "unknown_contact"
    assert '"contact"' in problem["detail"]


def test_a_discarded_product_of_the_request_is_left_out(api: Api, tastes: Store) -> None:
    best = products_of(ask(api, contact={}))[0]

    assert best not in products_of(ask(api, contact={}, events=[{"type": "discard", "product_id": best}]))


def test_an_unknown_product_in_an_event_is_said_and_left_aside(api: Api, tastes: Store) -> None:
    decision = ask(api, contact={}, events=[{"type": "purchase", "product_id": "nosuch"}])

    assert decision["notes"][-1] == "1 event of the request ignored: product 'nosuch' is not known"
    assert products_of(decision) == products_of(ask(api, contact={}))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"events": [{"type": "view", "product_id": "p1"}]}, "/events/0/type"),
        ({"events": [{"type": "purchase", "product_id": ""}]}, "/events/0/product_id"),
        ({"events": [{"type": "purchase", "product_id": "p1", "occurred_at": "yesterday"}]}, "/events/0/occurred_at"),
        ({"events": bought(*range(51))}, "/events"),
        ({"contact": {"segment": {"nested": 1}}}, "/contact"),
        ({"contact": "gold"}, "/contact"),
        ({"contact": {"note": "x" * 100_000}}, "/contact"),
    ],
)
def test_bad_attributes_and_events_are_refused_where_they_stand(
    api: Api, tastes: Store, body: dict[str, Any], pointer: str
) -> None:
    answer = api.post("/v1/recommendations", {"contact_id": "visitor", **body})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


HOSTILE = ["__proto__", "contact_id", "segment\u0000", " ", "contact.segment", "0", "ключ", "a" * 64, "'; DROP", "{}"]


def test_hostile_attribute_names_change_nothing(api: Api, tastes: Store) -> None:
    plain = products_of(ask(api, contact={}))

    assert [name for name in HOSTILE if products_of(ask(api, contact={name: "gold"})) != plain] == []
    assert [name for name in HOSTILE if products_of(ask(api, contact={name: -1e300})) != plain] == []


def test_an_attribute_of_another_kind_than_the_loaded_ones_counts_as_unknown(api: Api, tastes: Store) -> None:
    plain = products_of(ask(api, contact={}))

    assert products_of(ask(api, contact={"segment": 7})) == plain
    assert products_of(ask(api, contact={"segment": True})) == plain


def test_the_same_decision_id_with_other_events_is_a_conflict(api: Api, tastes: Store) -> None:
    asked = {"contact_id": "visitor", "decision_id": "d1", "events": bought(1)}
    first = api.post("/v1/recommendations", asked)
    assert api.post("/v1/recommendations", asked).data == first.data

    assert api.post("/v1/recommendations", {**asked, "events": bought(2)}).status_code == 409


def test_a_purchase_in_the_far_future_counts_as_now(api: Api, tastes: Store) -> None:
    event = {"type": "purchase", "product_id": "p45", "occurred_at": "2200-01-01T00:00:00Z"}

    assert products_of(ask(api, events=[event])) == products_of(ask(api, events=bought(45)))
