"""What is exported can be loaded again, and no spreadsheet runs it."""

import csv
from pathlib import Path
from typing import Any

import orjson
import pytest

from dog.errors import InvalidInput, NotFound
from dog.services.data.export_parts import EXPORTS
from dog.services.data.export_rows import export_rows
from dog.services.data.import_feedback import import_feedback
from dog.services.data.import_rows import import_rows
from dog.services.data.read_rows import DataFile
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.pairs.read_multipliers import PAIR_COLUMNS, read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from dog.storage.week_archive import read_logs
from tests.conftest import Clock

HOSTILE = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", "'=quoted", 'plain, with "quotes"\nand lines']


@pytest.fixture
def filled(runtime: Runtime, store: Store) -> Store:
    """Fill a tenant; some names would be run by a spreadsheet."""
    zone = runtime.settings.zone
    products = [
        {"product_id": f"p{n}", "name": name, "category": "g", "value": 1.5 * n, "size": n}
        for n, name in enumerate(HOSTILE)
    ]
    import_rows(store, "products", products, zone)
    contacts = [{"contact_id": f"c{n}", "account_id": "=a", "segment": "é", "channels": "email;call"} for n in range(4)]
    import_rows(store, "contacts", contacts, zone)
    scores = [
        {"contact_id": f"c{c}", "product_id": f"p{p}", "model": "cf", "score": (c + p) / 10, "as_of": "2026-11-01"}
        for c in range(4)
        for p in range(7)
    ]
    churn = [{"contact_id": "c1", "product_id": "", "model": "churn", "score": -2.5, "as_of": "2026-11-01"}]
    import_rows(store, "scores", [*scores, *churn], zone)
    kinds = ("pitch", "win", "pitch", "accept", "loss", "restructure")
    events: list[dict[str, Any]] = [
        {
            "event_id": f"-e{n}",
            "type": kinds[n % 6],
            "contact_id": f"c{n % 4}",
            "product_id": f"p{n % 7}",
            "occurred_at": f"2026-11-{10 + n % 5}T10:00:00.123Z",
            "actor_id": "@rep",
            **({"replace": {"attribute": "channel", "from": "call", "to": "email"}} if n % 6 == 5 else {}),
            **({"value": -1.25} if n % 6 == 1 else {}),
        }
        for n in range(120)
    ]
    record_feedback(store, events, runtime.clock())
    retract_feedback(store, "-e0")
    run_recompute(runtime, "default")
    recommend(runtime, "default", ListRequest("c1"))
    return store


def pairs(runtime: Runtime, tenant: str) -> list[dict[str, Any]]:
    found = read_multipliers(
        runtime, tenant, contact_id=None, product_id=None, policy="recommended", cursor=None, limit=1000
    )["items"]
    kept = [{name: value for name, value in row.items() if name != "version"} for row in found]
    return sorted(kept, key=lambda row: (row["contact_id"], row["product_id"]))


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "ndjson", "ndjson.gz", "parquet"])
def test_what_is_exported_gives_the_same_tenant_again(
    runtime: Runtime, filled: Store, tmp_path: Path, ending: str
) -> None:
    other = runtime.store("other", create=True)
    zone = runtime.settings.zone
    for kind in ("products", "contacts", "scores", "feedback"):
        count, _ = export_rows(runtime, "default", kind, tmp_path / f"{kind}.{ending}")
        rows = [row.fields for row in DataFile(tmp_path / f"{kind}.{ending}").rows()]
        loaded = (
            next(import_feedback(other, [rows], runtime.clock, zone))
            if kind == "feedback"
            else import_rows(other, kind, rows, zone)
        )

        assert {result.status for result in loaded} == {"accepted"}, [r for r in loaded if r.code]
        assert len(loaded) == count
    run_recompute(runtime, "other")
    again = tmp_path / f"again.{ending}"
    first = {row.fields["product_id"]: row.fields["name"] for row in DataFile(tmp_path / f"products.{ending}").rows()}
    export_rows(runtime, "other", "products", again)

    assert pairs(runtime, "other") == pairs(runtime, "default")
    assert {row.fields["product_id"]: row.fields["name"] for row in DataFile(again).rows()} == first
    assert sorted(first.values()) == sorted(HOSTILE)
    assert filled is not None


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("kind", EXPORTS)
def test_no_cell_of_a_csv_is_live(runtime: Runtime, tmp_path: Path, kind: str) -> None:

    export_rows(runtime, "default", kind, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as lines:
        header, *rows = csv.reader(lines)
    live = [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))]
    negative = [cell for row in rows for cell in row if cell.startswith("-")]

    assert header
    assert rows
    assert live == []
    assert all(float(cell) < 0 for cell in negative)


@pytest.mark.usefixtures("filled")
def test_multipliers_have_the_columns_of_the_api(runtime: Runtime, tmp_path: Path) -> None:
    export_rows(runtime, "default", "multipliers", tmp_path / "out.ndjson")
    rows = [orjson.loads(line) for line in (tmp_path / "out.ndjson").read_bytes().splitlines()]
    shown = read_multipliers(
        runtime, "default", contact_id=None, product_id=None, policy="recommended", cursor=None, limit=1000
    )["items"]

    assert rows == [{name: value for name, value in row.items() if value is not None} for row in shown]
    assert tuple(shown[0]) == PAIR_COLUMNS


@pytest.mark.usefixtures("filled")
def test_a_file_whose_ending_says_nothing_is_refused_and_none_is_left(runtime: Runtime, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"out\.xlsx: the ending must be one of \.csv"):
        export_rows(runtime, "default", "products", tmp_path / "out.xlsx")
    assert list(tmp_path.glob("out*")) == []


def test_feedback_holds_archived_events_too_each_once(
    runtime: Runtime, filled: Store, clock: Clock, tmp_path: Path
) -> None:
    export_rows(runtime, "default", "feedback", tmp_path / "before.ndjson")
    clock.set("2026-11-24T00:00:00")
    run_recompute(runtime, "default")
    clock.set("2027-11-26T12:00:01")
    runtime.wait = lambda _: None
    archive(runtime, "default")
    left = sum(len(read.log) for n in range(filled.tenant.partition_count) for read in read_logs(filled, n))
    export_rows(runtime, "default", "feedback", tmp_path / "after.ndjson")
    before, after = (sorted((tmp_path / f"{name}.ndjson").read_bytes().splitlines()) for name in ("before", "after"))

    assert left < len(before) == 119
    assert after == before


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_names_of_columns_are_inert_and_attributes_may_be_of_many_kinds(
    runtime: Runtime, store: Store, tmp_path: Path, ending: str
) -> None:
    products = [
        {"product_id": "p1", "size": 1, "=cmd|x": "y", "big": (1 << 53) + 1, "share": 0.5},
        {"product_id": "p2", "size": "large", "share": 2},
        {"product_id": "p3", "size": True, "tags": ["a", "b"]},
    ]
    import_rows(store, "products", products, runtime.settings.zone)
    export_rows(runtime, "default", "products", tmp_path / f"out.{ending}")
    rows = [row.fields for row in DataFile(tmp_path / f"out.{ending}").rows()]

    assert (tmp_path / f"out.{ending}").read_bytes().startswith(b"=cmd") is False
    assert ending != "csv" or ',"\'=cmd|x",' in (tmp_path / "out.csv").read_text().splitlines()[0]
    assert [str(row.get("size")).lower() for row in rows] == ["1", "large", "true"]
    assert rows[0]["=cmd|x"] == "y"
    assert int(rows[0]["big"]) == (1 << 53) + 1
    assert [float(row["share"]) for row in rows[:2]] == [0.5, 2.0]


def test_rows_of_contacts_known_by_a_hash_only_are_left_out_and_counted(
    runtime: Runtime, filled: Store, tmp_path: Path
) -> None:
    score = {"contact_id": "never loaded", "product_id": "p1", "model": "cf", "score": 0.5, "as_of": "2026-11-01"}
    import_rows(filled, "scores", [score], runtime.settings.zone)
    exported = export_rows(runtime, "default", "scores", tmp_path / "out.csv")

    assert exported == (29, 1)
    assert all(row.fields["contact_id"] for row in DataFile(tmp_path / "out.csv").rows())


@pytest.mark.usefixtures("filled")
def test_multipliers_of_a_policy_that_is_not_active_are_not_found(runtime: Runtime, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="policy 'none' is not active"):
        export_rows(runtime, "default", "multipliers", tmp_path / "out.csv", policy="none")
    assert list(tmp_path.glob("out*")) == []
