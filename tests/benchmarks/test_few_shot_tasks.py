import numpy as np
import pandas as pd

from benchmarks.few_shot.tasks import People, shuffled
from tests.benchmarks.few_shot_world import CONTACTS, EVENTS, START, halves


def numbers(people: People) -> set[int]:
    return {record["number"] for record in people.records}


def test_no_contact_is_trained_on_and_tested_and_each_is_tested_once() -> None:
    first, second = halves()

    assert numbers(first.trained) == numbers(second.tested)
    assert numbers(first.trained) & numbers(first.tested) == set()
    assert numbers(first.tested) | numbers(second.tested) == set(range(CONTACTS))


def test_training_sees_the_events_before_the_cut_and_tests_those_after_it() -> None:
    task = halves(START + pd.Timedelta(days=6))[0]

    assert set(task.trained.histories.sizes.tolist()) == {6}
    assert set(task.tested.histories.sizes.tolist()) == {EVENTS - 6}


def test_shuffling_keeps_what_is_bought_first_and_second_and_takes_it_from_its_contact() -> None:
    task = halves()[0]
    noise = shuffled(task)
    before, after = (one.trained.histories.between(0, 1)[:, 0] for one in (task, noise))

    assert sorted(before.tolist()) == sorted(after.tolist())
    assert (before != after).any()
    assert kinds_apart(task.trained) > 0.4
    assert abs(kinds_apart(noise.trained)) < 0.1


def kinds_apart(people: People) -> float:
    """Return by how much contacts of odd numbers buy more odd products than the others."""
    odd = np.array([record["number"] % 2 for record in people.records])
    share = np.asarray(people.histories.matrix()[:, 1::2].sum(axis=1)).ravel() / people.histories.sizes
    return float(share[odd == 1].mean() - share[odd == 0].mean())
