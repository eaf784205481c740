import numpy as np

from dog.core.consolidation_fit import ConsolidationFit, FittedModel
from dog.core.score_axes import Load, describe_load
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


def load(number: int) -> Load:
    return describe_load(np.arange(10.0) + number)


def test_before_the_first_load_there_is_none(store: Store) -> None:
    found = read_consolidations(store)

    assert found.loads.number == 0
    assert found.loads.of("cf") is None
    assert found.fits == {}


def test_a_load_like_the_newest_is_not_written_again_and_leaves_the_head_alone(store: Store) -> None:
    put_loads(store, {"cf": load(1)})
    head = read_head(store)

    put_loads(store, {"cf": load(1)})
    assert read_head(store) == head
    put_loads(store, {"cf": load(2)})

    assert read_head(store) != head
    assert read_loads(store).number == 2
    assert read_load_history(store) == {1: {"cf": load(1)}, 2: {"cf": load(2)}}


def test_the_newest_loads_are_kept(store: Store) -> None:
    for number in range(KEPT_LOADS + 3):
        put_loads(store, {"cf": load(number)})

    assert sorted(read_load_history(store)) == list(range(4, KEPT_LOADS + 4))


def test_a_fit_is_read_as_it_was_written_and_changes_the_head(store: Store) -> None:
    model = FittedModel(axis="rank", lower_is_better=True, slope=-0.5, intercept=-2.0, centre=0.3, mean=-2.1)
    fit = ConsolidationFit(models={"cf": model}, intercept=None, pitches=400, wins=29, basis="current")
    head = read_head(store)

    put_fit(store, "recommended", fit)

    assert read_fits(store) == {"recommended": fit}
    assert read_head(store) != head
