from pathlib import Path

import orjson
import pandas as pd
import pytest

from dog.errors import InvalidInput, NotFound
from dog.services.batch_recommend import write_batch
from dog.services.consider import request_of
from dog.services.house import House
from dog.services.import_rows import import_rows
from dog.services.recommend import recommend
from dog.storage.store import Store


@pytest.fixture
def loaded(house: House, store: Store) -> None:
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
    import_rows(store, "contacts", contacts, house.settings.zone)
    import_rows(store, "scores", scores, house.settings.zone)


@pytest.mark.parametrize("name", ["lists.csv", "lists.parquet"])
def test_a_batch_holds_the_lists_that_the_api_would_give(house: House, loaded: None, tmp_path: Path, name: str) -> None:
    count = write_batch(house, "default", tmp_path / name, 2, "recommended", lambda _: None)
    table = pd.read_csv(tmp_path / name) if name.endswith("csv") else pd.read_parquet(tmp_path / name)
    served = orjson.loads(recommend(house, "default", request_of("c3", k=2, dry_run=True)).body)["items"]
    rows = table[table["contact_id"] == "c3"].sort_values("rank")

    assert count == len(table) == 10
    assert rows["product_id"].tolist() == [item["product_id"] for item in served]
    assert rows["score"].tolist() == pytest.approx([item["score"] for item in served])


def test_a_batch_to_an_unknown_kind_of_file_or_policy_is_refused(house: House, loaded: None, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="ending must be"):
        write_batch(house, "default", tmp_path / "x.xlsx", 2, "recommended", lambda _: None)
    with pytest.raises(NotFound, match="is not active"):
        write_batch(house, "default", tmp_path / "x.csv", 2, "nope", lambda _: None)
