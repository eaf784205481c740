import numpy as np

from dog.core.consolidation_fit import ConsolidationFit, FittedModel
from dog.core.describe_load import describe_load
from dog.core.score_axes import Load
from dog.services.lists.snapshot import read_head
from dog.storage.consolidation_fits import (
    KEPT_LOADS,
    put_fit,
    put_loads,
    read_consolidations,
    read_fits,
    read_load_history,
    read_loads,
)
from dog.storage.store import Store

WEEK_MS = 7 * 86_400_000


def load(scale: float) -> Load:
    return describe_load(scale * np.arange(10.0))


def test_before_the_first_load_there_is_none(store: Store) -> None:
    found = read_consolidations(store)

    assert found.loads.number == 0
    assert found.loads.of("cf") is None
    assert found.fits == {}


def test_a_load_like_the_newest_is_not_written_again_and_leaves_the_head_alone(store: Store) -> None:
    put_loads(store, {"cf": load(1)}, {"cf": 1}, 0)
    head = read_head(store)

    put_loads(store, {"cf": load(1)}, {"cf": 2}, 5)

    assert read_head(store) == head
    assert read_loads(store).changes == {"cf": 2}


def test_scores_of_another_scale_get_a_number_of_their_own_and_some_more_scores_do_not(store: Store) -> None:
    put_loads(store, {"cf": load(1)}, {"cf": 1}, 0)
    head = read_head(store)
    put_loads(store, {"cf": load(1.01)}, {"cf": 2}, 5)

    assert read_head(store) != head
    assert read_load_history(store) == {1: {"cf": load(1.01)}}
    put_loads(store, {"cf": load(40)}, {"cf": 3}, 6)
    assert read_loads(store).number == 2
    assert read_load_history(store) == {1: {"cf": load(1.01)}, 2: {"cf": load(40)}}


def test_a_new_model_and_a_new_week_get_a_number_of_their_own(store: Store) -> None:
    put_loads(store, {"cf": load(1)}, {"cf": 1}, 0)
    put_loads(store, {"cf": load(1), "new": load(1)}, {"cf": 1, "new": 1}, 1)
    put_loads(store, {"cf": load(1.01), "new": load(1)}, {"cf": 2, "new": 1}, 1 + WEEK_MS)

    assert sorted(read_load_history(store)) == [1, 2, 3]


def test_the_newest_loads_are_kept(store: Store) -> None:
    for number in range(KEPT_LOADS + 3):
        put_loads(store, {"cf": load(2.0**number)}, {"cf": number}, number)

    assert sorted(read_load_history(store)) == list(range(4, KEPT_LOADS + 4))


def test_a_fit_is_read_as_it_was_written_and_changes_the_head(store: Store) -> None:
    model = FittedModel(axis="rank", lower_is_better=True, slope=-0.5, intercept=-2.0, centre=0.3, mean=-2.1)
    fit = ConsolidationFit(models={"cf": model}, intercept=None, pitches=400, wins=29, basis="current")
    head = read_head(store)

    put_fit(store, "recommended", fit)

    assert read_fits(store) == {"recommended": fit}
    assert read_head(store) != head
