import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dog.errors import InvalidInput
from dog.services.data.load_file import LoadedFile, load_source
from dog.services.data.mapping.map_entries import SourceEntry
from dog.services.data.mapping.mapped_file import DERIVED_IDS
from dog.services.data.sources import query_source
from dog.services.data.sources.query_source import open_query
from dog.services.runtime import Runtime
from dog.storage.source_places import read_source_place
from dog.storage.store import Store
from tests.databases import execute
from tests.services.data.sources.conftest import Deals

Make = Callable[..., SourceEntry]


@pytest.fixture
def load(runtime: Runtime, store: Store, tmp_path: Path) -> Callable[[SourceEntry], LoadedFile]:
    def call(entry: SourceEntry) -> LoadedFile:
        with open_query(store, "crm", entry, tmp_path / "crm.rejected.csv") as source:
            return load_source(runtime, "default", source)

    return call


Load = Callable[[SourceEntry], LoadedFile]


def counts(loaded: LoadedFile) -> tuple[int, int, int]:
    return loaded.counts.accepted, loaded.counts.duplicates, loaded.counts.rejected


def test_rows_of_each_database_are_mapped_as_those_of_files(load: Load, entry: Make, deals: Deals) -> None:
    deals.add(*range(1, 11))
    loaded = load(entry(deals.url))

    assert counts(loaded) == (10, 0, 0)
    assert loaded.notes == [
        "columns: no -> event_id, stage -> type, customer -> contact_id, article -> product_id, closed -> occurred_at",
        "columns ignored: worth, changed",
    ]
    assert counts(load(entry(deals.url))) == (0, 10, 0)


def test_a_second_load_goes_on_after_the_cursor(load: Load, entry: Make, deals: Deals) -> None:
    crm = entry(deals.url, cursor="changed")
    deals.add(3, 1, 2)
    first = load(crm)
    deals.add(5, 4)

    assert counts(first) == (3, 0, 0)
    assert counts(load(crm)) == (2, 0, 0)
    assert counts(load(crm)) == (0, 0, 0)


def test_rows_with_the_last_value_that_come_later_are_read(load: Load, entry: Make, deals: Deals) -> None:
    crm = entry(deals.url, cursor="changed")
    deals.add(1, 2, changed=7)
    load(crm)
    deals.add(3, changed=7)
    deals.add(4, changed=8)

    assert counts(load(crm)) == (2, 0, 0)


def test_beyond_the_kept_digests_rows_are_recognised_by_their_ids(
    load: Load, entry: Make, small: Deals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_source, "MOST_DIGESTS", 2)
    crm = entry(small.url, cursor="changed")
    small.add(*range(1, 6), changed=7)
    load(crm)
    small.add(6, changed=7)

    assert counts(load(crm)) == (1, 3, 0)


def test_rows_without_a_value_in_the_cursor_are_counted_and_not_read(load: Load, entry: Make, deals: Deals) -> None:
    deals.add(1)
    execute(deals.url, "INSERT INTO deals (no, stage) VALUES (2, 'Won')")
    loaded = load(entry(deals.url, cursor="changed"))

    assert counts(loaded) == (1, 0, 0)
    assert loaded.notes[-1] == "rows not read, as they have no value in changed: 1"


def test_rejected_rows_are_kept_until_they_are_loaded_and_told_once(
    load: Load, entry: Make, small: Deals, tmp_path: Path
) -> None:
    crm = entry(small.url, cursor="changed")
    small.add(1, stage="Perhaps")
    first = load(crm)
    small.add(2, stage="Soon")
    second, third = load(crm), load(crm)
    with (tmp_path / "crm.rejected.csv").open(newline="") as file:
        rejected = list(csv.DictReader(file))

    assert [counts(it) for it in (first, second, third)] == [(0, 0, 1), (0, 0, 1), (0, 0, 0)]
    assert [(row["no"], row["stage"], row["code"]) for row in rejected] == [
        ("1", "Perhaps", "unmapped_value"),
        ("2", "Soon", "unmapped_value"),
    ]
    assert "[sources.crm.values.type]" in rejected[0]["reason"]


def test_without_a_cursor_the_file_of_rejected_rows_is_that_of_the_last_load(
    load: Load, entry: Make, small: Deals, tmp_path: Path
) -> None:
    small.add(1, stage="Perhaps")
    load(entry(small.url))
    load(entry(small.url))

    assert len((tmp_path / "crm.rejected.csv").read_text("utf-8").splitlines()) == 2


def test_a_file_of_rejected_rows_with_other_columns_is_not_mixed(
    load: Load, entry: Make, small: Deals, tmp_path: Path
) -> None:
    small.add(1)
    load(entry(small.url, cursor="changed"))
    (tmp_path / "crm.rejected.csv").write_text("line,code,reason,other\n")
    small.add(2, stage="Perhaps")
    with pytest.raises(InvalidInput, match="has other columns than the rows now"):
        load(entry(small.url, cursor="changed"))


def test_another_query_is_read_from_its_start(load: Load, entry: Make, small: Deals) -> None:
    small.add(1, 2)
    load(entry(small.url, cursor="changed"))

    assert counts(load(entry(small.url, cursor="changed", query="SELECT * FROM deals -- all"))) == (0, 2, 0)


def test_a_changed_row_without_event_id_is_an_event_only_if_what_it_says_changed(
    load: Load, entry: Make, small: Deals, store: Store
) -> None:
    crm = entry(
        small.url,
        cursor="changed",
        query="SELECT stage, customer AS contact_id, article AS product_id, closed AS occurred_at, changed FROM deals",
        columns={"stage": "type"},
    )
    small.add(1, stage="pitch")
    load(crm)
    execute(small.url, "UPDATE deals SET changed = 2")
    touched = load(crm)
    execute(small.url, "UPDATE deals SET changed = 3, stage = 'win'")

    assert counts(touched) == (0, 1, 0)
    assert counts(load(crm)) == (1, 0, 0)
    assert touched.notes[-1] == DERIVED_IDS


def test_typed_columns_of_postgresql_are_read(
    load: Load, entry: Make, postgres: str, store: Store, runtime: Runtime
) -> None:
    query = (
        "SELECT gen_random_uuid() AS event_id, 'win' AS type, 7::numeric(10) AS contact_id, 'p1' AS product_id, "
        "timestamptz '2026-11-20 12:00+02' AS occurred_at, 12.34::numeric AS value, '\\x01'::bytea AS blob, "
        "ARRAY['a', 'b'] AS list, NULL AS decision_id, clock_timestamp() AS changed"
    )
    loaded = load(entry(postgres, query=query, columns={}, values={}, cursor="changed"))
    place = read_source_place(store, "crm").value

    assert counts(loaded) == (1, 0, 0)
    assert place is not None
    assert place[0] == "datetime"


def test_scores_and_contacts_are_loaded_by_queries(load: Load, entry: Make, small: Deals, runtime: Runtime) -> None:
    plain: dict[str, Any] = {"columns": {}, "values": {}, "constants": {}}
    people = entry(small.url, kind="contacts", query="SELECT 'c1' AS contact_id, 1 AS age, 5 AS changed", **plain)
    scores = entry(
        small.url,
        kind="scores",
        query="SELECT 'c1' AS contact_id, 'p1' AS product_id, 'cf' AS model, 0.5 AS score, '2026-11-01' as_of, 5 seen",
        cursor="seen",
        **plain,
    )

    assert counts(load(people)) == (1, 0, 0)
    assert counts(load(scores)) == (1, 0, 0)
