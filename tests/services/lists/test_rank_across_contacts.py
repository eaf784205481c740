from typing import Any

import pytest

from dog.services.lists import rank_across_contacts as module
from dog.services.lists.contact_filter import ContactFilter
from dog.services.lists.rank_across_contacts import across_context, best_contact, rank_across_contacts
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api, Clock, event
from tests.services.lists.test_recommend_contacts import POLICIES, load_world

EVERYONE = ContactFilter()


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["contact_id"] for item in items]


def test_contacts_ranked_in_small_groups_are_those_ranked_at_once(
    runtime: Runtime, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_world(runtime, store, clock, POLICIES["split"], 5)
    at_once = rank_across_contacts(across_context(runtime, store), EVERYONE, 20)
    monkeypatch.setattr(module, "CONTACTS_AT_ONCE", 1)

    assert rank_across_contacts(across_context(runtime, store), EVERYONE, 20) == at_once
    assert len(at_once) > 10


def test_the_best_contact_for_a_product_is_one_that_is_not_left_out(loaded: Store, runtime: Runtime) -> None:
    def best(**where: Any) -> str | None:
        item = best_contact(runtime, loaded, "p1", ContactFilter(**where))
        return None if item is None else str(item["contact_id"])

    assert best() == "c1"
    assert best(without_contacts=frozenset({"c1"})) == "c2"
    assert best(without_contacts=frozenset({"c1"}), account_id="a2") == "c3"
    assert best(without_accounts=frozenset({"a1", "a2"})) is None
    assert best_contact(runtime, loaded, "nothing", EVERYONE) is None


def test_an_item_of_the_best_contact_has_its_receipt(loaded: Store, runtime: Runtime, recommend: Any) -> None:
    item = best_contact(runtime, loaded, "p1", EVERYONE)
    own = recommend("c1", explain="full", dry_run=True)["items"][0]

    assert item == {**own, "contact_id": "c1"}


def test_a_contact_whose_options_all_rest_is_left_out(api: Api, loaded: Store, runtime: Runtime) -> None:
    api.post("/v1/feedback", {"events": [event(f"d{n}", "discard", f"p{n}", "c1") for n in range(1, 5)]})

    assert ids(rank_across_contacts(across_context(runtime, loaded), EVERYONE, 5)) == ["c2", "c3"]
