from zoneinfo import ZoneInfo

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.pairs.worklist import describe_contact, find_contacts, list_choices, next_contacts
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api, event


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


def test_contacts_are_found_by_id_or_a_part_of_their_name(loaded: object, runtime: Runtime) -> None:
    del loaded
    found, complete = find_contacts(runtime, "default", "ANN")

    assert (list(found), complete) == (["c1"], True)
    assert list(find_contacts(runtime, "default", "c2")[0].values()) == ["Bob"]
    assert find_contacts(runtime, "default", "  ") == ({}, True)


def test_a_contact_may_have_its_own_channels(loaded: object, runtime: Runtime) -> None:
    del loaded
    own = list_choices(runtime, "default", describe_contact(runtime, "default", "c1"), "channels")
    default = list_choices(runtime, "default", describe_contact(runtime, "default", "c3"), "channels")

    assert own == ["call", "email"]
    assert default
    assert describe_contact(runtime, "default", "nobody") == {}
