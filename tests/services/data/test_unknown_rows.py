from typing import Any

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.data.unknown_rows import describe_unknown, suggest_in_rows
from dog.services.runtime import Runtime
from dog.storage.name_counts import read_unknown_names
from dog.storage.store import Store
from dog.storage.tenant_settings import set_unknown_setting


def score(contact_id: Any, product_id: Any) -> dict[str, Any]:
    return {"contact_id": contact_id, "product_id": product_id, "model": "cf", "score": 1, "as_of": "2026-11-02"}


def test_rows_with_unknown_names_are_accepted_with_a_warning(runtime: Runtime, loaded: Store) -> None:
    rows = [score("c1", "p1"), score("c1", "p11"), score("c9", "p1"), score("c1", "")]
    results = suggest_in_rows(loaded, import_rows(loaded, "scores", rows, runtime.settings.zone))

    assert [result.status for result in results] == ["accepted"] * 4
    assert [result.warning.message if result.warning else None for result in results] == [
        None,
        "product 'p11' is not loaded; did you mean 'p1'?",
        "contact 'c9' is not loaded",
        None,
    ]
    assert read_unknown_names(loaded) == {("product", "p11"): 1, ("contact", ""): 1}


@pytest.mark.parametrize(("setting", "status"), [("refuse", "rejected"), ("quarantine", "accepted")])
def test_refuse_rejects_rows_and_quarantine_stores_them(
    runtime: Runtime, loaded: Store, setting: str, status: str
) -> None:
    set_unknown_setting(loaded, setting)
    row = {"contact_id": "c1", "product_id": "p11", "occurred_at": "2026-11-02"}

    assert [result.status for result in import_rows(loaded, "transactions", [row], runtime.settings.zone)] == [status]


def test_a_tenant_without_rows_knows_no_unknown_names(runtime: Runtime, store: Store) -> None:
    (found,) = import_rows(store, "scores", [score("c1", "p1")], runtime.settings.zone)

    assert (str(found.status), found.warning) == ("accepted", None)


def test_invalid_ids_are_left_to_the_check_of_the_row(runtime: Runtime, loaded: Store) -> None:
    rows = [score(True, ["p1"]), {}, score("c1", "\x00")]
    found = import_rows(loaded, "scores", rows, runtime.settings.zone)

    assert [one.code for one in found] == ["invalid_input", "invalid_input", "invalid_input"]
    assert read_unknown_names(loaded) == {}


def test_the_summary_of_a_load_names_the_most_frequent_and_what_they_are_near(loaded: Store) -> None:
    counts = {("product", "zebra"): 12, ("product", "p11"): 3, ("contact", ""): 7}

    assert describe_unknown(loaded, counts) == [
        "2 products without a row: zebra (12 rows), p11 (3 rows; did you mean p1?)",
        "contacts without a row: 7 rows",
    ]
