"""Types of Parquet that other tools write are read as the plain ones, and broken texts are named."""

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dog.errors import InvalidInput
from dog.services.data.columns import read_tables
from dog.services.data.load_file import load_file
from dog.services.data.mapping.mapped_file import open_mapped
from dog.services.data.parquet_values import find_broken_text, plain_array
from dog.services.data.read_rows import DataFile
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.loads_world import exported

DAY = datetime.fromisoformat("2026-11-01")
BROKEN = pa.Array.from_buffers(
    pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"), pa.py_buffer(b"a\xff")]
)


@pytest.mark.parametrize(
    ("array", "values"),
    [
        (pa.array([Decimal("0.10"), None], pa.decimal128(10, 2)), [0.1, None]),
        (pa.array([Decimal(7), None], pa.decimal256(50, 0)), [7, None]),
        (pa.array([Decimal(10**30)], pa.decimal128(38, 0)), [str(10**30)]),
        (pa.array([Decimal("0.10")], pa.decimal128(10, 2)).dictionary_encode(), [0.1]),
        (pa.array(["a", None], pa.string_view()), ["a", None]),
        (pa.array([b"a"], pa.binary_view()), [b"a"]),
        (pa.array([bytes(15) + b"\1", None], pa.uuid()), ["00000000-0000-0000-0000-000000000001", None]),
        (pa.array([DAY, None], pa.timestamp("us")), [DAY, None]),
        (pa.array([None], pa.timestamp("us")), [None]),
        (pa.array([date(2026, 11, 1)]), [date(2026, 11, 1)]),
        (pa.array([0], pa.timestamp("s", "Mars/Olympus")), ["1970-01-01 00:00:00+00:00"]),
        (pa.array([10**15, 0], pa.timestamp("s")), ["<value out of range: 1000000000000000>", "1970-01-01 00:00:00"]),
        (pa.array([date(9999, 12, 31)]), [date(9999, 12, 31)]),
        (pa.array([10**7], pa.int32()).cast(pa.date32()), ["29349-01-26"]),
        (pa.array([86_400_000], pa.int64()).cast(pa.date64()), [date(1970, 1, 2)]),
        (pa.array([0.5], pa.float32()), [0.5]),
        (
            pa.array([1_793_491_200_123_456_789], pa.timestamp("ns")),
            [datetime.fromisoformat("2026-11-01T00:00:00.123456")],
        ),
    ],
)
def test_types_of_other_tools_are_plain_values(array: Any, values: list[Any]) -> None:
    found = plain_array(array).to_pylist()

    assert [str(one) if isinstance(one, datetime) and one.tzinfo else one for one in found] == values


def test_days_are_read_by_a_process_that_has_computed_nothing_with_arrow(tmp_path: Path) -> None:
    pq.write_table(pa.table({"day": [date(2026, 11, 1)]}), tmp_path / "days.parquet")
    program = (
        "import sys; from dog.services.data.parquet_rows import parquet_batches; "
        "print([batch.to_pylist() for batch in parquet_batches(open(sys.argv[1], 'rb'), 10)])"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "days.parquet")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (told.stdout, told.stderr) == ("[[{'day': datetime.date(2026, 11, 1)}]]\n", "")


def test_the_last_moment_of_the_calendar_is_a_text_where_an_offset_goes_beyond_it() -> None:
    last = pa.array([datetime(9999, 12, 31, 23, tzinfo=UTC)], pa.timestamp("us", "+05:30"))

    assert plain_array(last).to_pylist() == ["9999-12-31 23:00:00.000000Z"]


def test_a_text_that_is_not_utf_8_is_found() -> None:
    coded = pa.DictionaryArray.from_arrays(pa.array([0, 0, 1]), BROKEN)

    assert (find_broken_text(BROKEN), find_broken_text(pa.array(["é", None]))) == (1, None)
    assert find_broken_text(plain_array(coded)) == 2
    assert find_broken_text(plain_array(coded[:2])) is None
    assert find_broken_text(pa.array([1])) is None


def test_a_file_with_a_broken_text_is_refused_by_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "contacts.parquet"
    pq.write_table(pa.table({"contact_id": ["c1", "c2"], "name": BROKEN}), path)

    with pytest.raises(InvalidInput, match=r"contacts\.parquet: row 2: name is not UTF-8"):
        list(DataFile(path).rows())


@pytest.mark.parametrize("split_bytes", [0, 1 << 30])
def test_scores_of_other_tools_are_loaded(runtime: Runtime, store: Store, tmp_path: Path, split_bytes: int) -> None:
    del store
    path = tmp_path / "scores.parquet"
    columns = {
        "contact_id": pa.array(["c1", "c2"], pa.string_view()),
        "product_id": pa.array([Decimal(7), Decimal(8)], pa.decimal128(38, 0)),
        "model": pa.array(["cf", "cf"], pa.string_view()).cast(pa.large_string()).dictionary_encode(),
        "score": pa.array([Decimal("0.10"), Decimal("0.20")], pa.decimal128(10, 2)),
        "as_of": pa.array([DAY, DAY], pa.timestamp("ns")),
        "__index_level_0__": pa.array([1, 0]),
    }
    pq.write_table(pa.table(columns), path)

    loaded = load_file(runtime, "default", "scores", path, split_bytes=split_bytes)
    assert (loaded.counts.accepted, loaded.counts.rejected) == (2, 0)
    assert loaded.notes == ["columns ignored: __index_level_0__"]


def test_a_list_where_a_text_belongs_is_a_rejected_row(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    del store
    path = tmp_path / "scores.parquet"
    models = pa.array([["cf"]], pa.large_list(pa.string()))
    rows = {"contact_id": ["c1"], "product_id": [b"p"], "model": models, "score": [0.5], "as_of": ["2026-11-01"]}
    pq.write_table(pa.table(rows), path)

    loaded = load_file(runtime, "default", "scores", path)
    assert loaded.rejected is not None
    assert "model must be a string, not a list" in loaded.rejected.read_text()


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_times_of_parquet_are_loaded_by_columns(runtime: Runtime, store: Store, tmp_path: Path, unit: str) -> None:
    del store
    path = tmp_path / "scores.parquet"
    rows = {"contact_id": ["c1"], "model": ["churn"], "score": [0.5], "as_of": pa.array([DAY], pa.timestamp(unit))}
    pq.write_table(pa.table(rows), path)

    (table,) = open_mapped("scores", path).tables()
    assert table.given == ()
    assert load_file(runtime, "default", "scores", path).notes == []


@pytest.mark.parametrize("backfill", [False, True])
def test_events_whose_times_are_no_texts_need_no_reading(
    runtime: Runtime, store: Store, tmp_path: Path, backfill: bool
) -> None:
    del store
    path = tmp_path / "feedback.parquet"
    events = {"event_id": ["e1", "e2"], "type": ["pitch", "win"], "contact_id": ["c1"] * 2, "product_id": ["p1"] * 2}
    times = pa.array([DAY.replace(tzinfo=UTC), None], pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({**events, "occurred_at": times}), path)

    loaded = load_file(runtime, "default", "feedback", path, backfill=backfill)

    assert (loaded.counts.accepted, loaded.counts.rejected, loaded.notes) == (1, 1, [])
    assert not open_mapped("feedback", path).row_map.readers
    assert exported(runtime, tmp_path)["feedback"].splitlines()[1].startswith(b"e1,pitch,c1,p1,2026-11-01T00:00:00.000")


def test_a_derived_id_is_that_of_the_time_as_text(tmp_path: Path) -> None:
    path = tmp_path / "feedback.parquet"
    pq.write_table(
        pa.table({"type": ["win"], "contact_id": ["c"], "product_id": ["p"], "occurred_at": [DAY.date()]}), path
    )

    (row,) = open_mapped("feedback", path).rows()
    assert row.fields["occurred_at"] == "2026-11-01T00:00:00"


def test_tables_whose_types_differ_for_a_far_time_are_loaded(
    runtime: Runtime, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del store
    monkeypatch.setattr(read_tables, "TABLE_ROWS", 1)
    path = tmp_path / "scores.parquet"
    times = pa.array([10**18, 0, 1], pa.timestamp("us"))
    pq.write_table(pa.table({"contact_id": list("abc"), "model": ["m"] * 3, "score": [0.5] * 3, "as_of": times}), path)

    counts = load_file(runtime, "default", "scores", path).counts
    assert (counts.accepted, counts.rejected) == (2, 1)
