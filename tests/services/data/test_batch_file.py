from pathlib import Path

import orjson
import pandas as pd
import pytest

from dog.errors import InvalidInput, NotFound
from dog.services.data.batch_file import write_batch
from dog.services.data.import_rows import import_rows
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.pool_runner import PoolRunner
from dog.services.runner import LocalRunner, Runner
from dog.services.runtime import Runtime
from dog.storage.store import Store


@pytest.fixture
def loaded(runtime: Runtime, store: Store) -> None:
    contacts = [{"contact_id": f"c{n}"} for n in range(5)]
    scores = [
        {
            "contact_id": f"c{n}",
            "product_id": f"p{p}",
            "model": "cf",
            "score": 0.1 + p / 10 + n / 100,
            "as_of": "2026-11-01",
        }
        for n in range(5)
        for p in range(4)
    ]
    import_rows(store, "contacts", contacts, runtime.settings.zone)
    import_rows(store, "scores", scores, runtime.settings.zone)


@pytest.mark.parametrize("name", ["lists.csv", "lists.parquet"])
def test_a_batch_holds_the_lists_that_the_api_would_give(
    runtime: Runtime, loaded: None, tmp_path: Path, name: str
) -> None:
    count = write_batch(runtime, "default", tmp_path / name, 2, "recommended", lambda _: None)
    table = pd.read_csv(tmp_path / name) if name.endswith("csv") else pd.read_parquet(tmp_path / name)
    served = orjson.loads(recommend(runtime, "default", ListRequest("c3", k=2, dry_run=True)).body)["items"]
    rows = table[table["contact_id"] == "c3"].sort_values("rank")

    assert count == len(table) == 10
    assert rows["product_id"].tolist() == [item["product_id"] for item in served]
    assert rows["score"].tolist() == pytest.approx([item["score"] for item in served])


def write(runtime: Runtime, out: Path, runner: Runner | None = None, batch_id: str | None = None) -> int:
    return write_batch(runtime, "default", out, 2, None, lambda _: None, batch_id=batch_id, runner=runner)


@pytest.mark.usefixtures("loaded")
def test_processes_write_the_same_bytes_as_one(
    runtime: Runtime, pool: PoolRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dog.services.data.batch_recommend.CONTACTS_OF_PART", 1)

    for name in ("lists.csv", "lists.parquet"):
        assert write(runtime, tmp_path / name) == write(runtime, tmp_path / f"pool-{name}", pool) == 10
        assert (tmp_path / name).read_bytes() == (tmp_path / f"pool-{name}").read_bytes()


@pytest.mark.usefixtures("loaded")
def test_processes_serve_each_contact_once(runtime: Runtime, pool: PoolRunner, tmp_path: Path) -> None:
    write(runtime, tmp_path / "a.csv", pool, "monday")
    write(runtime, tmp_path / "b.csv", LocalRunner(runtime), "monday")

    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    laps = runtime.store("default").in_partitions("HVALS", "laps")
    assert [int(count) for found in laps for count in found] == [1] * 5


@pytest.mark.usefixtures("loaded")
def test_a_folder_has_a_file_a_part_and_none_of_an_earlier_batch(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, folder = tmp_path / "lists.parquet", tmp_path / "lists"
    write(runtime, whole)
    with monkeypatch.context() as patched:
        patched.setattr("dog.services.data.batch_recommend.CONTACTS_OF_PART", 1)
        write(runtime, folder)
    parts = sorted(folder.iterdir())

    assert len(parts) > 1
    pd.testing.assert_frame_equal(pd.concat(map(pd.read_parquet, parts), ignore_index=True), pd.read_parquet(whole))
    assert write(runtime, folder) == 10
    assert [file.name for file in folder.iterdir()] == ["part-00000.parquet"]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("name", ["lists.csv", "lists.parquet", "lists"])
def test_a_batch_that_is_stopped_leaves_nothing(runtime: Runtime, tmp_path: Path, name: str) -> None:
    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_batch(runtime, "default", tmp_path / name, 2, None, stop)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_batch_to_an_unknown_kind_of_file_or_policy_is_refused(
    runtime: Runtime, loaded: None, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="ending must be"):
        write_batch(runtime, "default", tmp_path / "x.xlsx", 2, "recommended", lambda _: None)
    with pytest.raises(NotFound, match="is not active"):
        write_batch(runtime, "default", tmp_path / "x.csv", 2, "nope", lambda _: None)
