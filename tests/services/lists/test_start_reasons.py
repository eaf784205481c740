"""The reasons of items that the model start scored; what each rests on is tested with the lists."""

from dataclasses import replace

import numpy as np
import orjson
import pytest

from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.list_request import ListRequest, RecentEvent
from dog.services.lists.rank_request import Ranking, rank_request
from dog.services.lists.start_reasons import StartReasons, start_reasons
from dog.services.lists.winners import winners_of
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.start_world import load_tastes


@pytest.fixture
def ranking(runtime: Runtime, store: Store) -> Ranking:
    load_tastes(runtime, store)
    events = [RecentEvent("purchase", "p45"), RecentEvent("purchase", "p1")]
    found = rank_request(runtime, store, ListRequest("visitor", events=events, k=5))
    assert isinstance(found.context, RankContext)
    return found


def test_each_scored_item_names_its_basis_and_the_nearest_purchases(ranking: Ranking) -> None:
    found = start_reasons(ranking, winners_of(ranking))

    assert [reason.basis for reason in found.reasons if reason] == ["after 2 purchases"] * 5
    assert found.columns["basis"] == [b'"after 2 purchases"'] * 5
    assert {near for text in found.columns["nearest"] for near in orjson.loads(text)} <= {"p45", "p1"}


def test_items_of_other_models_have_no_reason(ranking: Ranking) -> None:
    found = winners_of(ranking)
    unscored = found.table.copy()
    unscored[:, found.names.index("raw.start")] = np.nan

    nothing = StartReasons([None] * 5, {"basis": [b"null"] * 5, "nearest": [b"null"] * 5})
    assert start_reasons(ranking, replace(found, table=unscored)) == nothing
