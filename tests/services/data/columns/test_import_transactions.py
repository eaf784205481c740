"""Transactions are imported by columns as one by one, and add up the same however they are cut."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.services.data.columns import import_transactions as module
from dog.services.data.columns import read_tables
from dog.services.data.import_rows import import_rows
from dog.services.data.load_file import load_file
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue
from dog.storage.contacts import TRANSACTIONS, read_partitions
from dog.storage.purchase_counts import count_purchases
from dog.storage.store import Store
from tests.loads_world import write_rows
from tests.services.data.columns.two_imports import import_at_once

TIMES = ["2026-11-01T10:00:00Z", "2026-11-01T10:00:00.500Z", "2026-11-02", "2107-01-01", "soon"]
bought = st.lists(
    st.fixed_dictionaries(
        {
            "contact_id": st.sampled_from(["c1", "c2", "c3", ""]),
            "product_id": st.sampled_from(["p1", "p2", ""]),
            "occurred_at": st.sampled_from(TIMES),
            "quantity": st.sampled_from(["1", "2", "-1", "x"]),
        }
    ),
    min_size=1,
    max_size=30,
)
Kept = dict[str, list[tuple[str, int, float]]]


def add_one_by_one(kept: Kept, row: Mapping[str, str], seconds: int | None) -> str:
    if not row["contact_id"] or not row["product_id"] or seconds is None or row["quantity"] == "x":
        return "rejected"
    own = kept.setdefault(row["contact_id"], [])
    if any((product, at) == (row["product_id"], seconds) for product, at, _ in own):
        return "duplicate"
    own.append((row["product_id"], seconds, float(row["quantity"])))
    return "accepted"


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bought, min_size=1, max_size=3))
def test_transactions_are_added_as_one_by_one(
    runtime: Runtime, tmp_path: Path, loads: list[list[dict[str, str]]]
) -> None:
    runtime.redis.flushall()
    runtime.forget("default")
    store = runtime.store("default", create=True)
    seconds = {TIMES[0]: 1793527200, TIMES[1]: 1793527200, TIMES[2]: 1793577600}
    kept: Kept = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_tables, "BLOCK_BYTES", 300)
        patch.setattr(module, "CONTACTS_AT_ONCE", 2)
        for rows in loads:
            counts = load_file(runtime, "default", "transactions", write_rows(tmp_path / "t.csv", rows)).counts
            found = [add_one_by_one(kept, row, seconds.get(row["occurred_at"])) for row in rows]
            expected = tuple(map(found.count, ("accepted", "duplicate", "rejected")))
            assert (counts.accepted, counts.duplicates, counts.rejected) == expected
    ids, held = read_catalogue(store).ids, {}
    for arrays in read_partitions(store, "transactions"):
        for contact, packed in arrays.items():
            records = np.frombuffer(packed, TRANSACTIONS)
            held[contact] = [(ids[one["product"]], int(one["at"]), float(one["quantity"])) for one in records]
    assert held == {store.tenant.contact(contact): own for contact, own in kept.items()}


def test_a_quantity_that_is_left_out_is_one_and_an_empty_one_is_refused(runtime: Runtime, store: Store) -> None:
    row = {"contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-01"}
    results = import_rows(store, "transactions", [row, {**row, "quantity": None}], runtime.settings.zone)

    assert [str(result.status) for result in results] == ["accepted", "rejected"]
    (packed,) = [packed for arrays in read_partitions(store, "transactions") for packed in arrays.values()]
    assert np.frombuffer(packed, TRANSACTIONS)["quantity"].tolist() == [1.0]


def test_loads_at_the_same_time_lose_no_transaction(runtime: Runtime, store: Store) -> None:
    ours, theirs = (
        [
            {"contact_id": f"c{n}", "product_id": product, "occurred_at": "2026-11-01"}
            for n in range(20)
            for product in ("both", side)
        ]
        for side in "ab"
    )
    found = import_at_once(runtime, "transactions", module, (ours, theirs))

    statuses = [str(result.status) for results in found for result in results]
    assert (statuses.count("accepted"), statuses.count("duplicate")) == (60, 20)
    held = [packed for arrays in read_partitions(store, "transactions") for packed in arrays.values()]
    assert [len(packed) // TRANSACTIONS.itemsize for packed in held] == [3] * 20
    counted = [packed for arrays in read_partitions(store, "purchases") for packed in arrays.values()]
    assert sorted(counted) == sorted(count_purchases(held))
