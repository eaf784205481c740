from collections.abc import Iterator
from pathlib import Path

import pytest

from dog.errors import InvalidInput, NotFound
from dog.services.data.batch_recommend import COLUMNS, open_batch, rank_part
from dog.services.data.batch_table import write_batch_table
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.databases import execute, running_postgres, select


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param != "postgresql":
        return f"{request.param}:///{tmp_path}/out.db"
    found: str = request.getfixturevalue("postgres")
    execute(found, "DROP TABLE IF EXISTS lists")
    return found


def write(
    runtime: Runtime, url: str, table: str = "lists", policy: str = "recommended", batch_id: str | None = None
) -> int:
    return write_batch_table(runtime, "default", url, table, 3, policy, lambda _: None, batch_id=batch_id)


def test_the_lists_are_those_of_the_file(runtime: Runtime, loaded: Store, url: str) -> None:
    count = write(runtime, url)
    found = rank_part(runtime, range(64), open_batch(runtime, "default", 3, "recommended"))
    rows = list(zip(*found, strict=True))

    assert count == len(rows) == 9
    assert select(url, f"SELECT {', '.join(COLUMNS)} FROM lists ORDER BY contact_id, rank") == sorted(rows)


def test_a_second_batch_replaces_the_rows(runtime: Runtime, loaded: Store, url: str) -> None:
    write(runtime, url)
    write(runtime, url)

    assert select(url, "SELECT count(*) FROM lists") == [(9,)]


def test_a_batch_that_fails_leaves_the_rows_that_were_there(
    runtime: Runtime, loaded: Store, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(runtime, url)
    before = select(url, "SELECT * FROM lists")

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_batch_table(runtime, "default", url, "lists", 1, "recommended", stop)

    assert select(url, "SELECT * FROM lists") == before


def test_served_lists_have_their_decisions(runtime: Runtime, loaded: Store, url: str) -> None:
    write(runtime, url, batch_id="b1")
    first = select(url, "SELECT contact_id, rank, decision_id FROM lists ORDER BY 1, 2")
    write(runtime, url, batch_id="b1")

    assert select(url, "SELECT contact_id, rank, decision_id FROM lists ORDER BY 1, 2") == first
    assert all(decision.startswith("d_") for _, _, decision in first)


def test_a_table_with_other_columns_is_one_sentence(runtime: Runtime, loaded: Store, url: str) -> None:
    execute(url, "CREATE TABLE lists (other INTEGER)", "INSERT INTO lists VALUES (1)")
    with pytest.raises(InvalidInput, match="contact_id"):
        write(runtime, url)

    assert select(url, "SELECT other FROM lists") == [(1,)]


def test_an_unknown_policy_leaves_no_rows(runtime: Runtime, loaded: Store, url: str) -> None:
    with pytest.raises(NotFound):
        write(runtime, url, policy="none")


def test_a_table_may_be_in_a_schema(runtime: Runtime, loaded: Store, postgres: str) -> None:
    execute(postgres, "CREATE SCHEMA IF NOT EXISTS mart")
    write(runtime, postgres, "mart.lists")

    assert select(postgres, "SELECT count(*) FROM mart.lists") == [(9,)]
