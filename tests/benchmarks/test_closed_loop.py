import numpy as np
import pytest
from mabwiser.mab import MAB, LearningPolicy

from benchmarks.closed_loop import Arm, arms, compare, simulate, table, thompson
from benchmarks.simulated_world import Size, make_world

TINY = Size(contacts=40, products=12, weeks=30)
BY_NAME = {arm.name: arm for arm in arms()}


def test_the_same_seed_is_the_same_world_and_the_same_run() -> None:
    first, second = (simulate(make_world(3, TINY), BY_NAME["recommended"], TINY, 3) for _ in range(2))

    assert np.array_equal(first.wins, second.wins)
    assert first.churn == second.churn


def test_the_oracle_forgoes_nothing_and_no_arm_forgoes_less() -> None:
    runs = compare(
        1, TINY, [BY_NAME[name] for name in ("none", "recommended", "oracle", "Thompson sampling")], lambda: None
    )

    assert runs["oracle"][0].regret.sum() == 0
    assert all(found[0].regret.min() >= 0 for found in runs.values())


def test_multipliers_of_no_weight_change_nothing() -> None:
    flat = BY_NAME["recommended"].settings
    assert flat is not None
    still = Arm("still", type(flat)(a_max=1.0, d_min=1.0, explore=0.0))
    world = make_world(1, TINY)

    assert np.array_equal(simulate(world, still, TINY, 1).wins, simulate(world, BY_NAME["none"], TINY, 1).wins)


def test_the_table_names_every_arm() -> None:
    chosen = [BY_NAME["none"], BY_NAME["oracle"]]

    assert table(compare(2, Size(20, 8, 4), chosen, lambda: None)).count("\n") == 3


def test_thompson_sampling_draws_as_the_library_does() -> None:
    wins, pitches = np.array([1, 6]), np.array([8, 10])
    decisions = ["a"] * 8 + ["b"] * 10
    rewards = [1] + [0] * 7 + [1] * 6 + [0] * 4
    library = MAB(["a", "b"], LearningPolicy.ThompsonSampling(), seed=1)
    library.fit(decisions, rewards)
    theirs = np.array([list(library.predict_expectations().values()) for _ in range(4000)])
    one = np.ones((4000, 2))
    ours = thompson(one * wins, one * pitches, one, one, np.random.default_rng(1))

    assert ours.mean(axis=0) == pytest.approx(theirs.mean(axis=0), abs=0.01)
    assert ours.std(axis=0) == pytest.approx(theirs.std(axis=0), abs=0.01)
