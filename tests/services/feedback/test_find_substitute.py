"""What is offered in place of what was refused, by the reason."""

from typing import Any

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.runtime import Runtime
from dog.storage.sender import Sender
from dog.storage.store import Store

REP = Sender(key_id="rep")
CATEGORIES = {"p1": "office", "p2": "office", "p3": "home", "p4": "home"}
SCORES = {"p1": (0.9, 0.1), "p2": (0.8, 0.1), "p3": (0.7, 0.1), "p4": (0.1, 0.6)}
"""Scores of cf and frequency."""


@pytest.fixture(autouse=True)
def rows(runtime: Runtime, store: Store) -> None:
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": it, "category": of} for it, of in CATEGORIES.items()], zone)
    contacts = [
        {"contact_id": name, "account_id": account, "segment": "gold", "channels": "call;email", "times": "am;pm"}
        for name, account in (("c1", "a1"), ("c2", "a1"), ("c3", "a1"), ("c4", "a2"))
    ]
    import_rows(store, "contacts", contacts, zone)
    scores = [
        {
            "contact_id": contact["contact_id"],
            "product_id": it,
            "model": model,
            "score": score * share,
            "as_of": "2026-11-01",
        }
        for contact, share in zip(contacts, (1.0, 0.5, 0.7, 0.9), strict=True)
        for it, both in SCORES.items()
        for model, score in zip(("cf", "frequency"), both, strict=True)
    ]
    import_rows(store, "scores", scores, zone)


def substitute(runtime: Runtime, kind: str = "discard", product: str = "p1", **more: Any) -> dict[str, Any]:
    event = {
        "event_id": f"e-{kind}",
        "type": kind,
        "contact_id": "c1",
        "product_id": product,
        "occurred_at": "2026-11-20T11:00:00Z",
        **more,
    }
    answer = answer_feedback(runtime, "default", [event], substitute=True, sender=REP)["results"][0]
    assert answer["status"] == "accepted"
    found: dict[str, Any] = answer.get("substitute", {})
    return found


def discomfort(attribute: str, value: str | None = None) -> dict[str, Any]:
    reason: dict[str, Any] = {"trigger": "discomfort", "attribute": attribute}
    return {"reason": reason | ({"attribute_value": value} if value else {})}


@pytest.mark.parametrize("reason", [{}, {"trigger": "performance"}, {"trigger": "discomfort", "attribute": "product"}])
def test_a_refused_product_gives_way_to_the_best_other(runtime: Runtime, reason: dict[str, str]) -> None:
    assert substitute(runtime, reason=reason)["product_id"] == "p2"


@pytest.mark.parametrize("trigger", ["market", "business"])
def test_a_refused_category_gives_way_to_the_best_of_another(runtime: Runtime, trigger: str) -> None:
    assert substitute(runtime, reason={"trigger": trigger}, actor_id="ann")["product_id"] == "p3"


def test_a_refused_rationale_gives_way_to_the_best_item_by_another_model(runtime: Runtime) -> None:
    item = substitute(runtime, "discard", **discomfort("rationale", "cf"))

    assert item["product_id"] == "p4"
    assert "frequency" in item["factors"]["models"]


@pytest.mark.parametrize(("attribute", "value", "other"), [("channel", "call", "email"), ("time", "am", "pm")])
def test_a_refused_choice_gives_way_to_another_for_the_same_product(
    runtime: Runtime, attribute: str, value: str, other: str
) -> None:
    item = substitute(runtime, **discomfort(attribute, value))

    assert (item["product_id"], item["attributes"][attribute]) == ("p1", other)


def test_a_restructure_offers_what_it_names(runtime: Runtime) -> None:
    by_product = substitute(runtime, "restructure", replace={"attribute": "product", "from": "p1", "to": "p3"})

    assert by_product["product_id"] == "p3"


def test_an_accept_and_a_verdict_without_product_have_no_substitute(runtime: Runtime) -> None:
    assert substitute(runtime, "accept") == {}
    assert substitute(runtime, product="", **discomfort("channel", "call")) == {}


def test_a_refused_contact_gives_way_to_the_accounts_contact_for_whom_the_product_ranks_highest(
    runtime: Runtime,
) -> None:
    item = substitute(runtime, "discard", **discomfort("contact"))

    assert (item["contact_id"], item["product_id"], item["attributes"]["contact"]) == ("c3", "p1", "c3")
    assert item["factors"]["models"]


def test_a_refused_account_gives_way_to_another_of_the_segment(runtime: Runtime) -> None:
    item = substitute(runtime, "discard", **discomfort("account"))

    assert (item["contact_id"], item["product_id"], item["attributes"]["account"]) == ("c4", "p1", "a2")


@pytest.mark.parametrize(
    ("attribute", "value", "to", "contact"), [("contact", "c1", "c2", "c2"), ("account", "a1", "a2", "c4")]
)
def test_a_restructured_contact_or_account_offers_the_one_it_names(
    runtime: Runtime, attribute: str, value: str, to: str, contact: str
) -> None:
    item = substitute(runtime, "restructure", replace={"attribute": attribute, "from": value, "to": to})

    assert (item["contact_id"], item["product_id"]) == (contact, "p1")
