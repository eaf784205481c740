"""Products and contacts are imported by columns as row by row: same results, words, lines, records and attributes."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.services.data.columns import read_tables
from dog.services.data.import_rows import import_rows
from dog.services.data.load_file import load_file
from dog.services.data.parquet_rows import parquet_rows
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_attributes
from dog.storage.contacts import read_partitions
from dog.storage.erasure import write_tombstone
from dog.storage.store import Store
from tests.services.data.columns.plain_records import PlainRecords
from tests.services.data.columns.test_import_scores import refused_lines, write_csv, write_ndjson

IDS = ["c1", "c2", "é", "e\u0301", "gone", "", "a\x01b", "x" * 300]
texts = st.fixed_dictionaries(
    {
        "{root}_id": st.sampled_from(IDS),
        "segment": st.sampled_from(["gold", "iron", '"', "", "y" * 5000]),
        "account_id": st.sampled_from(["a1", "e\u0301", "b\x7f", ""]),
        "channels": st.sampled_from(["email;call", " email ; ", "", ";"]),
        "value": st.sampled_from(["1", "1.0", "x", ""]),
        "active_from": st.sampled_from(["2026-11-01", "soon", ""]),
    }
).map(lambda row: dict(sorted(row.items())))  # as the head has them
anything = st.one_of(
    st.sampled_from([0.0, -0.0, 1, 1.0, True, None, "", "1", [], ["email"], [1], {"a": 1}, 2**53]), st.text(max_size=3)
)
objects = st.builds(
    lambda own, rest: {"{root}_id": own, **rest},
    st.sampled_from([*IDS[:5], 7, 7.0, None]),
    st.dictionaries(
        st.sampled_from(["segment", "account_id", "channels", "value", "active_to", "é", '"']), anything, max_size=4
    ),
)
Rows = Sequence[Mapping[str, Any]]


def stored(store: Store, root: str) -> list[bytes]:
    """Return all records, sorted."""
    if root == "product":
        return sorted(store.execute("HGETALL", store.keys.of("products")).values())
    return sorted(record for records in read_partitions(store, "contacts") for record in records.values())


@pytest.mark.parametrize("root", ["product", "contact"])
@pytest.mark.parametrize(("form", "rows"), [("csv", texts), ("ndjson", objects)])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_files_come_to_what_their_rows_come_to_one_by_one(
    runtime: Runtime, tmp_path: Path, root: str, form: str, rows: st.SearchStrategy[dict[str, Any]], data: st.DataObject
) -> None:
    runtime.redis.flushall()
    runtime.forget("default")
    store = runtime.store("default", create=True)
    write_tombstone(store, store.tenant.contact("gone"))
    plain = PlainRecords(root)
    for load in data.draw(st.lists(st.lists(rows, min_size=1, max_size=20), min_size=1, max_size=3)):
        own = [{name.format(root=root): value for name, value in row.items()} for row in load]
        path = (write_csv if form == "csv" else write_ndjson)(tmp_path / "rows", own)
        expected = plain.load(own, {"gone"})
        found = load_file(runtime, "default", f"{root}s", path)
        statuses = [status for status, _, _ in expected]
        counts = (found.counts.accepted, found.counts.duplicates, found.counts.rejected)
        assert counts == tuple(map(statuses.count, ("accepted", "duplicate", "rejected")))
        assert refused_lines(found.rejected) == [
            (str(place + (2 if form == "csv" else 1)), code, message)
            for place, (status, code, message) in enumerate(expected)
            if status == "rejected"
        ]
    assert stored(store, root) == sorted(orjson.dumps(record) for record in plain.held.values())
    assert read_attributes(store)[root == "contact"] == plain.kinds


def test_a_parquet_file_of_many_types_comes_to_what_its_rows_come_to(
    runtime: Runtime, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_tables, "TABLE_ROWS", 3)
    frame = pd.DataFrame(
        {
            "contact_id": [1, 2, 3, 1, 5],
            "segment": pd.Categorical(["gold", None, "iron", "gold", ""]),
            "channels": [["email"], None, ["call", "email"], ["email"], []],
            "since": pd.to_datetime(["2026-11-01", "", "2026-11-02", "2026-11-01", "2026-11-01"]),
            "size": [0.0, float("nan"), float("inf"), -0.0, 1.5],
            "flag": [True, False, True, True, False],
        }
    )
    frame["since"] = frame["since"].dt.as_unit("ms")
    frame.to_parquet(tmp_path / "contacts.parquet")
    with (tmp_path / "contacts.parquet").open("rb") as file:
        rows = [row.fields for row in parquet_rows(file, leave_empty=False)]
    plain = PlainRecords("contact")
    results = [status for start in (0, 3) for status, _, _ in plain.load(rows[start : start + 3], set())]
    found = load_file(runtime, "default", "contacts", tmp_path / "contacts.parquet").counts

    assert results == ["accepted", "accepted", "rejected", "duplicate", "accepted"]
    assert (found.accepted, found.duplicates, found.rejected) == (3, 1, 1)
    assert stored(store, "contact") == sorted(orjson.dumps(record) for record in plain.held.values())


def test_a_row_with_more_than_200_attributes_is_refused_and_empty_ones_do_not_count(store: Store) -> None:
    many = {f"a{n}": "x" for n in range(201)}
    rows = [{"product_id": "p1", **many}, {"product_id": "p2", **many, "a7": ""}]

    assert [result.message for result in import_rows(store, "products", rows, UTC)] == [
        "has more than 200 columns",
        None,
    ]
