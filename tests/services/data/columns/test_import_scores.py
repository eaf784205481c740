"""Scores are imported by columns as row by row: same results, words, lines and bytes, however they come."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.core.records import CONTACT_LEVEL
from dog.services.data.columns import gather_tables, read_tables
from dog.services.data.columns import merge_model as module
from dog.services.data.load_file import SPLIT_BYTES, load_file
from dog.services.data.mapping.map_entries import FileEntry
from dog.services.data.mapping.row_map import RowMap
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue, read_models
from dog.storage.contacts import read_partitions
from dog.storage.erasure import write_tombstone
from dog.storage.packed_scores import unpack_scores
from dog.storage.score_arrays import write_scores
from dog.storage.store import Store
from tests.services.data.columns.reference import PlainScores

CONTACTS = ["c1", "c2", "c3", "é", "e\u0301", "gone", "", "a\x01b", "x" * 300]
MODELS = ["cf", "churn", "start", "No Slug"]
SCORES = ["0.1", "0.25", "-0.0", "0", "nan", "inf", "1e31", "1_0", "x", ""]
TIMES = ["2026-11-01", "2026-11-02T00:00:00Z", "2026-11-03T01:00:00+01:00", "1960-01-01", "soon", ""]
rows_of_text = st.lists(
    st.fixed_dictionaries(
        {
            "contact_id": st.sampled_from(CONTACTS),
            "product_id": st.sampled_from(["p1", "p2", "p3", "new", "", "b\x7f"]),
            "model": st.sampled_from(MODELS),
            "score": st.sampled_from(SCORES),
            "as_of": st.sampled_from(TIMES),
        }
    ),
    min_size=1,
    max_size=40,
)
Rows = Sequence[Mapping[str, str]]


def write_csv(path: Path, rows: Rows) -> Path:
    with path.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path.with_suffix(".csv")


def write_ndjson(path: Path, rows: Rows) -> Path:
    path = path.with_suffix(".ndjson")
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def write_parquet(path: Path, rows: Rows) -> Path:
    path = path.with_suffix(".parquet")
    pd.DataFrame(rows).to_parquet(path)
    return path


WRITERS = {"csv": write_csv, "ndjson": write_ndjson, "parquet": write_parquet}


def stored(store: Store) -> dict[tuple[bytes, str], tuple[int, dict[str | int, float]]]:
    """Return all scores by contact's digest and model, each by its product."""
    ids, found = read_catalogue(store).ids, {}
    for model in read_models(store):
        for arrays in read_partitions(store, "scores", model):
            for contact, packed in arrays.items():
                as_of_ms, records = unpack_scores(packed)
                assert np.all(np.diff(records["product"].astype(np.int64)) > 0)
                found[contact, model] = (
                    as_of_ms,
                    {
                        int(number) if number == CONTACT_LEVEL else ids[number]: float(score)
                        for number, score in records
                    },
                )
    return found


@pytest.mark.parametrize("split_bytes", [SPLIT_BYTES, 0])
@pytest.mark.parametrize("form", WRITERS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loads=st.lists(rows_of_text, min_size=1, max_size=3))
def test_files_come_to_what_their_rows_come_to_one_by_one(
    runtime: Runtime, store: Store, tmp_path: Path, form: str, split_bytes: int, loads: list[Rows]
) -> None:
    runtime.redis.flushall()
    runtime.forget("default")
    store = runtime.store("default", create=True)
    write_tombstone(store, store.tenant.contact("gone"))
    plain = PlainScores()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_tables, "TABLE_ROWS", 7)
        patch.setattr(read_tables, "BLOCK_BYTES", 600)
        patch.setattr(gather_tables, "GATHERED_ROWS", 10)
        patch.setattr(module, "CONTACTS_AT_ONCE", 2)
        for rows in loads:
            path = WRITERS[form](tmp_path / "scores", rows)
            expected = plain.load(rows, {"gone"})
            found = load_file(runtime, "default", "scores", path, split_bytes=split_bytes)
            statuses = [status for status, _, _ in expected]
            counts = (found.counts.accepted, found.counts.duplicates, found.counts.rejected)
            assert counts == tuple(map(statuses.count, ("accepted", "duplicate", "rejected")))
            assert refused_lines(found.rejected) == [
                (str(place + (2 if form == "csv" else 1)), code, message)
                for place, (status, code, message) in enumerate(expected)
                if status == "rejected"
            ]
    assert stored(store) == {
        (store.tenant.contact(contact), model): held for (contact, model), held in plain.held.items()
    }


def refused_lines(path: Path | None) -> list[tuple[str, str | None, str | None]]:
    if path is None:
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["line"], row["code"], row["reason"]) for row in csv.DictReader(file)]


def test_a_load_is_one_change_of_its_model_however_long_it_is(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    rows = [
        {"contact_id": f"c{n % 7000}", "model": "cf", "score": str(n), "as_of": f"2026-11-0{1 + n // 15000}"}
        for n in range(30_000)
    ]
    load_file(runtime, "default", "scores", write_csv(tmp_path / "scores", rows))
    found = read_models(store)["cf"]

    assert (found["changes"], found["as_of_ms"]) == (1, 1_793_577_600_000)


def test_scores_are_loaded_without_any_policy(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    store.redis.delete(store.keys.of("policies"))
    rows = [{"contact_id": "c1", "model": "cf", "score": "0.5", "as_of": "2026-11-02"}]

    assert load_file(runtime, "default", "scores", write_csv(tmp_path / "scores", rows)).counts.accepted == 1


def test_renamed_columns_are_loaded_by_columns_and_refused_rows_keep_their_names(
    runtime: Runtime, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(RowMap, "apply")  # by which rows are mapped one by one
    frame = pd.DataFrame({"Kunde": ["c1", "c2", "c3"], "Score": [0.5, np.nan, 0.25], "extra": [1, 2, 3]})
    frame["as_of"] = "2026-11-02"
    frame.to_parquet(tmp_path / "scores.parquet")
    entry = FileEntry(columns={"extra": ""}, constants={"model": "cf"})
    found = load_file(runtime, "default", "scores", tmp_path / "scores.parquet", entry)

    assert (found.counts.accepted, found.counts.rejected) == (2, 1)
    assert found.rejected is not None
    assert found.rejected.read_text() == (
        "line,code,reason,Kunde,Score,extra,as_of\n2,invalid_row,score must be a finite number,c2,,2,2026-11-02\n"
    )
    assert sorted(next(iter(scores.values())) for _, scores in stored(store).values()) == [0.25, 0.5]


@pytest.mark.parametrize("split_bytes", [SPLIT_BYTES, 0])
def test_a_load_that_was_killed_and_is_run_again_leaves_the_same_bytes(
    runtime: Runtime, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, split_bytes: int
) -> None:
    random = np.random.default_rng(3)
    rows = [
        {
            "contact_id": f"c{random.integers(60)}",
            "product_id": f"p{random.integers(9)}",
            "model": "cf",
            "score": str(random.integers(5) / 8),
            "as_of": f"2026-11-0{random.integers(1, 4)}",
        }
        for _ in range(900)
    ]
    rows.sort(key=lambda row: row["as_of"])  # none is stale
    path = write_csv(tmp_path / "scores", rows)
    load_file(runtime, "default", "scores", path)
    expected = stored(store)
    monkeypatch.setattr(module, "CONTACTS_AT_ONCE", 7)
    monkeypatch.setattr(read_tables, "BLOCK_BYTES", 4_000)
    monkeypatch.setattr(gather_tables, "GATHERED_ROWS", 100)
    for writes in range(0, 28, 9):  # the contacts of each run lie in other partitions, 30 or more
        runtime.redis.flushall()
        runtime.forget("default")
        own = runtime.store("default", create=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "write_scores", dying_after(writes))
            with pytest.raises(KeyboardInterrupt):
                load_file(runtime, "default", "scores", path, split_bytes=split_bytes)
        load_file(runtime, "default", "scores", path, split_bytes=split_bytes)
        names = {store.tenant.contact(f"c{n}"): own.tenant.contact(f"c{n}") for n in range(60)}
        assert stored(own) == {(names[contact], model): held for (contact, model), held in expected.items()}


def dying_after(writes: int) -> Callable[..., list[int]]:
    """Return a writer that is killed at its nth call, before or after it has written."""
    left = [writes]

    def write(*arguments: Any) -> list[int]:
        left[0] -= 1
        if left[0] >= 0 or writes % 2:
            found = write_scores(*arguments)
        if left[0] < 0:
            raise KeyboardInterrupt
        return found

    return write
