from typing import Any

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.feedback.find_unknown_names import find_unknown_names, suggest_products
from dog.services.feedback.parse_event import parse_event
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import CONTACTS, PRODUCTS, event


def found(runtime: Runtime, store: Store, *documents: dict[str, Any]) -> list[str | None]:
    events = {place: parse_event(document, runtime.clock()) for place, document in enumerate(documents)}
    names = suggest_products(runtime, store, find_unknown_names(runtime, store, events))
    return [names[place].message if place in names else None for place in events]


def discard(attribute: str, value: str, **more: Any) -> dict[str, Any]:
    reason = {"trigger": "discomfort", "attribute": attribute, "attribute_value": value}
    return event("e", "discard", reason=reason, **more)


def replaced(attribute: str, to: str) -> dict[str, Any]:
    return event("e", "restructure", replace={"attribute": attribute, "from": "p1", "to": to})


def test_known_names_are_not_warned_about(runtime: Runtime, loaded: Store) -> None:
    known: list[dict[str, Any]] = [
        event("e", "win"),
        discard("channel", "call"),
        discard("rationale", "cf"),
        discard("account", "a1"),
    ]

    assert found(runtime, loaded, *known) == [None] * 4


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (event("e", "win", "p11"), "product 'p11' is not loaded; did you mean 'p1'?"),
        (event("e", "win", "PHONES"), "product 'PHONES' is not loaded; did you mean 'p2'?"),
        (event("e", "win", contact_id="c9"), "contact 'c9' is not loaded"),
        (
            discard("channel", "emale"),
            "channel 'emale' is not a channel of a policy, of a product or of this contact; did you mean 'email'?",
        ),
        (
            discard("rationale", "frequenzy"),
            "model 'frequenzy' has no scores, and no active policy names it; did you mean 'frequency'?",
        ),
        (discard("account", "a7"), "account 'a7' is not the account of this contact"),
        (replaced("product", "p22"), "product 'p22' is not loaded; did you mean 'p2'?"),
    ],
)
def test_an_unknown_name_is_found_with_the_nearest_known_one(
    runtime: Runtime, loaded: Store, document: dict[str, Any], message: str
) -> None:
    assert found(runtime, loaded, {**document, "occurred_at": "2026-11-20T11:00:00Z"}) == [message]


def test_a_number_alone_does_not_make_a_product_known(runtime: Runtime, loaded: Store) -> None:
    score = {"contact_id": "c1", "product_id": "NOPE", "model": "cf", "score": 1, "as_of": "2026-11-01"}
    import_rows(loaded, "scores", [score], runtime.settings.zone)

    assert found(runtime, loaded, event("e", "win", "NOPE")) == ["product 'NOPE' is not loaded"]


def test_nothing_is_unknown_where_nothing_of_its_kind_is_loaded(runtime: Runtime, store: Store) -> None:
    documents: list[dict[str, Any]] = [event("e", "win"), discard("account", "a1")]

    assert found(runtime, store, *documents) == [None, None]


def test_rows_loaded_since_the_snapshot_was_made_are_known(runtime: Runtime, store: Store) -> None:
    found(runtime, store, event("e", "win", "p9", contact_id="c9"))
    import_rows(store, "products", PRODUCTS, runtime.settings.zone)
    import_rows(store, "contacts", CONTACTS, runtime.settings.zone)
    first = found(runtime, store, event("e", "win", "p9"), event("e", "win", contact_id="c9"))
    import_rows(store, "products", [{"product_id": "p9"}], runtime.settings.zone)

    assert first == ["product 'p9' is not loaded", "contact 'c9' is not loaded"]
    assert found(runtime, store, event("e", "win", "p9")) == [None]


@pytest.mark.parametrize("kind", ["scores", "transactions"])
def test_a_contact_with_scores_or_transactions_is_known(runtime: Runtime, loaded: Store, kind: str) -> None:
    rows: dict[str, dict[str, Any]] = {
        "scores": {"contact_id": "c9", "product_id": "p1", "model": "cf", "score": 1, "as_of": "2026-11-01"},
        "transactions": {"contact_id": "c9", "product_id": "p1", "occurred_at": "2026-11-01"},
    }
    import_rows(loaded, kind, [rows[kind]], runtime.settings.zone)

    assert found(runtime, loaded, event("e", "win", contact_id="c9")) == [None]


def test_names_of_the_decision_that_an_event_names_are_known(runtime: Runtime, loaded: Store) -> None:
    request = ListRequest(
        "visitor",
        candidates=[{"product_id": "inline", "scores": {"cf": 0.9}}],
        context={"channel": "chat"},
        decision_id="d1",
    )
    recommend(runtime, "default", request)
    own = {"contact_id": "visitor", "product_id": "inline"}
    documents: list[dict[str, Any]] = [
        {**event("e", "win"), **own, "decision_id": "d1"},
        {**event("e", "win"), **own},
        {**event("e", "win"), "product_id": "other", "decision_id": "d1"},
    ]

    assert found(runtime, loaded, *documents) == [
        None,
        "product 'inline' is not loaded",
        "product 'other' is not loaded",
    ]
