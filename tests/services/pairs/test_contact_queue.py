"""A rep's queue: ordered by value, filtered, without whom somebody served or put off, and bounded."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.pairs.contact_queue import QueueFilter, next_contacts, read_queue
from dog.services.pairs.snooze_contacts import snooze_contact
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api, Clock, event


def test_each_contact_comes_once_until_it_has_had_a_list(api: Api, loaded: object, runtime: Runtime) -> None:
    del loaded
    seen = []
    while found := next_contacts(runtime, "default"):
        seen += found
        api.post("/v1/recommendations", {"contact_id": found[0]})

    assert sorted(seen) == ["c1", "c2", "c3"]


def score(store: Store, scores: dict[str, float]) -> None:
    """Load a score of p1 for some contacts."""
    rows = [
        {"contact_id": contact, "product_id": "p1", "model": "cf", "score": value, "as_of": "2026-11-01"}
        for contact, value in scores.items()
    ]
    import_rows(store, "scores", rows, ZoneInfo("UTC"))


def test_the_next_contact_is_the_one_of_the_highest_value(loaded: Store, runtime: Runtime) -> None:
    score(loaded, {"c1": 0.3, "c2": 0.9, "c3": 0.6})

    assert next_contacts(runtime, "default", count=3) == ["c2", "c3", "c1"]
    assert next_contacts(runtime, "default", without=["c2"]) == ["c3"]
    assert next_contacts(runtime, "default", without=["c2", "c3"], count=3) == ["c1"]


def test_a_verdict_moves_the_next_contact_at_once(api: Api, loaded: Store, runtime: Runtime) -> None:
    score(loaded, {"c1": 0.3, "c2": 0.9, "c3": 0.6})
    api.post("/v1/feedback", {"events": [event(f"d{n}", "discard", f"p{n}", "c2") for n in range(1, 5)]})

    assert next_contacts(runtime, "default") == ["c3"]


def test_a_contact_without_options_is_passed_over(loaded: Store, runtime: Runtime) -> None:
    import_rows(loaded, "contacts", [{"contact_id": f"n{n}"} for n in range(40)], ZoneInfo("UTC"))

    assert next_contacts(runtime, "default", count=3) == ["c1", "c2", "c3"]


def test_the_search_for_the_next_contact_is_bounded(
    loaded: Store, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{next_contacts.__module__}.MAX_WAITING", 1)
    firsts = [next_contacts(runtime, "default", without=[after], count=3) for after in ("c1", "c2", "c3")]

    assert [len(found) < 3 for found in firsts] == [True, True, True]
    assert len({tuple(found) for found in firsts}) > 1


def queue(runtime: Runtime, first: int = 0, **where: Any) -> list[str]:
    found = read_queue(runtime, "default", actor_id="Ada", where=QueueFilter(**where), first=first)
    return [one.contact_id for one in found.contacts]


def test_a_page_names_contact_and_product_and_counts_who_is_left(loaded: Store, runtime: Runtime) -> None:
    score(loaded, {"c1": 0.3, "c2": 0.9, "c3": 0.6})
    page = read_queue(runtime, "default", actor_id="Ada", limit=2)
    first = page.contacts[0]

    assert [one.contact_id for one in page.contacts] == ["c2", "c3"]
    assert (first.name, first.segment, first.owner, first.product, first.value) == ("Bob", "gold", "", "Fax", 10.0)
    assert (page.left, page.complete) == (3, True)
    assert queue(runtime, first=2) == ["c1"]


def test_a_contact_that_had_a_list_since_leaves_the_kept_queue(api: Api, loaded: Store, runtime: Runtime) -> None:
    score(loaded, {"c1": 0.3, "c2": 0.9, "c3": 0.6})
    before = queue(runtime)
    api.post("/v1/recommendations", {"contact_id": "c3"})

    assert before == ["c2", "c3", "c1"]
    assert queue(runtime) == ["c2", "c1"]
    assert read_queue(runtime, "default", actor_id="Ada").left == 2


def test_a_product_that_is_put_off_makes_no_contact_come_first(loaded: Store, runtime: Runtime) -> None:
    score(loaded, {"c1": 0.3, "c2": 0.9, "c3": 0.6})

    def first(actor_id: str, product_id: str | None = None) -> list[tuple[str, str]]:
        where = QueueFilter(product_id=product_id)
        found = read_queue(runtime, "default", actor_id=actor_id, where=where).contacts
        return [(one.contact_id, one.product_id) for one in found]

    before = first("Ada")
    snooze_contact(runtime, "default", "c2", actor_id="Ada", until=date(2026, 11, 21), product_id="p1")
    after = first("Ada")

    assert before[0] == ("c2", "p1")
    assert after[0] == ("c3", "p1")
    assert ("c2", "p1") not in after
    assert "c2" in dict(after)  # by its next product
    assert next_contacts(runtime, "default", actor_id="Ada") == ["c3"]
    assert dict(first("Ada", product_id="p1")).keys() == {"c1", "c3"}
    assert first("Bo") == before


def test_a_snoozed_contact_is_left_out_for_its_rep_alone(loaded: Store, runtime: Runtime) -> None:
    score(loaded, {"c1": 0.3, "c2": 0.9, "c3": 0.6})
    snooze_contact(runtime, "default", "c2", actor_id="Ada", until=date(2026, 11, 21))
    snooze_contact(runtime, "default", "c3", actor_id="Ada", until=date(2026, 11, 21), product_id="p1")

    assert queue(runtime) == ["c1", "c3"]
    assert next_contacts(runtime, "default", actor_id="Ada") == ["c1"]
    assert next_contacts(runtime, "default", actor_id="Bob") == ["c2"]


def test_a_kept_queue_is_ranked_again_after_half_a_minute(loaded: Store, runtime: Runtime, clock: Clock) -> None:
    before = queue(runtime)
    import_rows(loaded, "contacts", [{"contact_id": "c9"}], ZoneInfo("UTC"))
    score(loaded, {"c9": 0.95})
    clock.now_ms += 30_000

    assert before == ["c1", "c2", "c3"]
    assert queue(runtime)[0] == "c9"


def test_the_front_is_ranked_again_at_once(api: Api, loaded: Store, runtime: Runtime) -> None:
    score(loaded, {"c1": 0.3, "c2": 0.9, "c3": 0.6})
    before = next_contacts(runtime, "default", count=3)
    api.post("/v1/feedback", {"events": [event(f"d{n}", "discard", f"p{n}", "c2") for n in range(1, 5)]})

    assert before == ["c2", "c3", "c1"]
    assert next_contacts(runtime, "default", count=3) == ["c3", "c1"]


def test_filters_hold_for_the_page_and_for_whoever_comes_next(loaded: Store, runtime: Runtime) -> None:
    score(loaded, {"c1": 0.3, "c2": 0.9, "c3": 0.6})
    owned = {"contact_id": "c1", "name": "Ann", "segment": "gold", "owner": "Ada"}
    import_rows(loaded, "contacts", [owned], ZoneInfo("UTC"))
    gold = QueueFilter(segment="gold")

    assert queue(runtime, segment="gold") == ["c2", "c1"]
    assert next_contacts(runtime, "default", count=3, where=gold) == ["c2", "c1"]
    assert queue(runtime, owner="Ada") == ["c1"]
    assert queue(runtime, segment="iron", owner="Ada") == []


def test_a_queue_for_a_product_ranks_contacts_by_it(loaded: Store, runtime: Runtime) -> None:
    score(loaded, {"c1": 0.3, "c2": 0.9, "c3": 0.6})
    page = read_queue(runtime, "default", actor_id="Ada", where=QueueFilter(product_id="p4"))

    assert {one.product for one in page.contacts} == {"Chair"}
    assert len(page.contacts) == page.left == 3
    assert queue(runtime, product_id="nothing") == []


def test_a_least_value_leaves_out_contacts_of_cheaper_products(loaded: Store, runtime: Runtime) -> None:
    del loaded

    assert queue(runtime, least_value=10.0) == ["c1", "c2", "c3"]
    assert queue(runtime, least_value=10.5) == []
    assert queue(runtime, least_value=40.0, product_id="p4") == ["c1", "c2", "c3"]
    assert queue(runtime, least_value=41.0, product_id="p4") == []


def test_a_queue_without_any_contact_is_empty(runtime: Runtime, store: Store) -> None:
    del store
    page = read_queue(runtime, "default", actor_id="Ada")

    assert (page.contacts, page.left, page.complete) == ([], 0, True)
