from typing import Any

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import rank_request
from dog.services.runtime import Runtime
from dog.storage.catalogue import number_products
from dog.storage.store import Store
from tests.conftest import CONTACTS, PRODUCTS, event


def score(product_id: str, contact_id: str = "c1", **more: Any) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "product_id": product_id,
        "model": "cf",
        "score": 0.9,
        "as_of": "2026-11-01",
        **more,
    }


def listed(runtime: Runtime, store: Store, **more: Any) -> list[str]:
    return rank_request(runtime, store, ListRequest("c1", **more)).product_ids


def test_a_scored_product_without_a_row_is_not_offered_and_a_note_names_it(runtime: Runtime, loaded: Store) -> None:
    import_rows(loaded, "scores", [score("NOPE")], runtime.settings.zone)
    ranking = rank_request(runtime, loaded, ListRequest("c1"))

    assert sorted(ranking.product_ids) == ["p1", "p2", "p3", "p4"]
    assert any("such as 'NOPE'" in note for note in ranking.options.notes)


def test_it_is_offered_once_its_row_is_loaded_even_a_row_with_the_id_alone(runtime: Runtime, loaded: Store) -> None:
    import_rows(loaded, "scores", [score("NOPE")], runtime.settings.zone)
    listed(runtime, loaded)
    results = import_rows(loaded, "products", [{"product_id": "NOPE"}], runtime.settings.zone)

    assert results[0].status == "accepted"
    assert listed(runtime, loaded)[0] == "NOPE"


def test_a_tenant_without_any_product_rows_is_offered_what_is_scored(runtime: Runtime, store: Store) -> None:
    import_rows(store, "contacts", CONTACTS, runtime.settings.zone)
    import_rows(store, "scores", [score("a"), score("b")], runtime.settings.zone)

    assert sorted(listed(runtime, store)) == ["a", "b"]


def test_contact_level_scores_offer_loaded_products_alone(runtime: Runtime, store: Store) -> None:
    import_rows(store, "products", PRODUCTS, runtime.settings.zone)
    import_rows(store, "contacts", CONTACTS, runtime.settings.zone)
    record_feedback(store, [event("e1", "win", "egs")], runtime.clock())
    import_rows(store, "scores", [score("", model="churn")], runtime.settings.zone)

    assert sorted(listed(runtime, store)) == ["p1", "p2", "p3", "p4"]


@pytest.mark.parametrize("product_id", ["NOPE", "never-numbered"])
def test_a_candidate_needs_no_row(runtime: Runtime, loaded: Store, product_id: str) -> None:
    number_products(loaded, ["NOPE"])
    candidates = [{"product_id": product_id, "scores": {"cf": 0.9}}]

    assert listed(runtime, loaded, candidates=candidates) == [product_id]
