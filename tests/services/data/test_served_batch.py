from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import pytest

from dog.errors import Conflict
from dog.services.data import served_batch
from dog.services.data.batch_file import write_batch
from dog.services.data.import_rows import import_rows
from dog.services.lists.kept_decisions import read_kept_decision
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.storage.contacts import read_arrays
from dog.storage.store import Store
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("loaded")


def serve(runtime: Runtime, out: Path, batch_id: str = "monday", k: int = 2) -> pd.DataFrame:
    write_batch(runtime, "default", out, k, "recommended", lambda _: None, batch_id=batch_id)
    return pd.read_parquet(out)


def laps(store: Store) -> list[int]:
    contacts = [store.tenant.contact(f"c{n}") for n in (1, 2, 3)]
    return [int(count or 0) for count in read_arrays(store, "laps", "", contacts)]


def test_a_served_batch_keeps_a_decision_and_counts_a_lap_of_every_contact(
    runtime: Runtime, store: Store, tmp_path: Path
) -> None:
    table = serve(runtime, tmp_path / "a.parquet")
    rows = table[table["contact_id"] == "c2"].sort_values("rank")
    (decision_id,) = set(rows["decision_id"])
    kept = read_kept_decision(runtime, "default", decision_id)

    assert laps(store) == [1, 1, 1]
    assert table["decision_id"].nunique() == 3
    assert (kept["contact_id"], kept["lap"], kept["multiplier_version"]) == ("c2", 1, None)
    assert [item["product_id"] for item in kept["items"]] == rows["product_id"].tolist() == ["p1", "p2"]
    assert [item["attributes"]["rationale"] for item in kept["items"]] == rows["rationale"].tolist()


def test_a_served_batch_holds_the_lists_that_a_request_gets(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    asked = orjson.loads(recommend(runtime, "default", ListRequest("c2", k=2, dry_run=True)).body)
    table = serve(runtime, tmp_path / "a.parquet")
    (decision_id,) = set(table[table["contact_id"] == "c2"]["decision_id"])
    kept = read_kept_decision(runtime, "default", decision_id)

    assert kept["items"] == asked["items"]
    assert kept.keys() >= asked.keys()


def test_a_dry_batch_counts_no_lap(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    write_batch(runtime, "default", tmp_path / "a.parquet", 2, "recommended", lambda _: None)

    assert laps(store) == [0, 0, 0]
    assert "decision_id" not in pd.read_parquet(tmp_path / "a.parquet")


def test_every_batch_is_a_lap_and_the_same_batch_is_one(
    runtime: Runtime, store: Store, clock: Clock, tmp_path: Path
) -> None:
    first = serve(runtime, tmp_path / "a.parquet")
    clock.now_ms += 3_600_000
    import_rows(store, "scores", SCORES_LATER, runtime.settings.zone)
    again, other = serve(runtime, tmp_path / "b.parquet"), serve(runtime, tmp_path / "c.parquet", "tuesday")

    assert laps(store) == [2, 2, 2]
    pd.testing.assert_frame_equal(first, again)
    assert set(other["decision_id"]).isdisjoint(first["decision_id"])
    assert first[first["contact_id"] == "c1"]["product_id"].tolist() == ["p1", "p2"]
    assert other[other["contact_id"] == "c1"]["product_id"].tolist() == ["p4", "p1"]


SCORES_LATER = [{"contact_id": "c1", "product_id": "p4", "model": "cf", "score": 0.9, "as_of": "2026-11-19"}]


class Killed(Exception):
    """The process ends here."""


def killing(after: int, work: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that ends the process in place of its last of some calls."""
    calls = iter(range(after))

    def call(*given: Any) -> Any:
        if next(calls, None) is None:
            raise Killed
        return work(*given)

    return call


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("step", ["keep_decisions", "count_batch_laps", "read_place"])
def test_wherever_a_batch_is_killed_it_goes_on_and_counts_each_lap_once(
    runtime: Runtime, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, after: int
) -> None:
    whole = getattr(served_batch, step)
    monkeypatch.setattr(served_batch, step, killing(after, whole))
    with pytest.raises(Killed):
        serve(runtime, tmp_path / "a.parquet")
    monkeypatch.setattr(served_batch, step, whole)
    table = serve(runtime, tmp_path / "a.parquet")

    assert laps(store) == [1, 1, 1]
    assert table["contact_id"].nunique() == 3


def test_a_contact_that_came_after_its_place_was_passed_is_served_and_counted(
    runtime: Runtime, store: Store, tmp_path: Path
) -> None:
    serve(runtime, tmp_path / "a.parquet")
    new = [{"contact_id": f"n{n}"} for n in range(200)]  # some of them before those that were served
    import_rows(store, "contacts", new, runtime.settings.zone)
    for _ in range(2):
        serve(runtime, tmp_path / "b.parquet")
    digests = [store.tenant.contact(row["contact_id"]) for row in new]

    assert {int(count or 0) for count in read_arrays(store, "laps", "", digests)} == {1}
    assert laps(store) == [1, 1, 1]


def test_a_batch_id_stands_for_one_number_of_items_and_one_policy(runtime: Runtime, tmp_path: Path) -> None:
    serve(runtime, tmp_path / "a.parquet")

    with pytest.raises(Conflict, match="batch 'monday' was served with other settings"):
        serve(runtime, tmp_path / "b.parquet", k=3)


def test_a_policy_that_splits_traffic_keeps_its_propensities(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    policy: dict[str, Any] = {"name": "recommended", "variants": {"random_eligible": 0.5}}
    publish_policy(runtime, "default", "recommended", policy, author="t", comment="", if_match=None, draft=False)
    table = serve(runtime, tmp_path / "a.parquet")
    kept = [read_kept_decision(runtime, "default", decision_id) for decision_id in table["decision_id"]]

    assert {one["variant"] for one in kept} <= {"policy", "random_eligible"}
    assert all(0 < item["propensity"] <= 1 for one in kept for item in one["items"])
