"""Off-policy estimates: true in simulated worlds, honest intervals, refused where the log is too thin."""

import dataclasses

import numpy as np
import pytest

from dog.errors import InvalidInput, NotReady
from dog.offline.off_policy.estimators import ESTIMATORS, Logged, Target
from dog.offline.off_policy.policy_value import estimate_value
from dog.offline.statistics.intervals import Clusters
from tests.offline.worlds import make_world


@pytest.mark.slow
def test_intervals_cover_the_truth_in_two_hundred_worlds() -> None:
    covered = dict.fromkeys(ESTIMATORS, 0)
    for seed in range(200):
        world = make_world(seed)
        found = estimate_value(Clusters(world.contact), world.logged, world.target, seed=seed)
        for method, estimate in found.estimates.items():
            covered[method] += estimate.low <= world.truth <= estimate.high

    assert {method: 180 <= times <= 198 for method, times in covered.items()} == dict.fromkeys(ESTIMATORS, True), (
        covered
    )


def test_estimates_come_to_the_truth_with_more_rows() -> None:
    world = make_world(0, contacts=40_000)

    found = estimate_value(Clusters(world.contact), world.logged, world.target, replicates=10)

    for estimate in found.estimates.values():
        assert estimate.value == pytest.approx(world.truth, abs=0.01)
    assert found.mean_weight == pytest.approx(1, abs=0.02)


def test_the_policy_that_was_logged_gains_nothing() -> None:
    world = make_world(1)
    same = Target(world.logged.propensity, np.zeros(len(world.contact)), np.zeros(len(world.contact)))

    found = estimate_value(Clusters(world.contact), world.logged, same)

    assert found.gains["ips"].value == 0
    assert (found.gains["snips"].low, found.gains["snips"].high) == (0, 0)
    assert found.effective_rows == len(world.contact)


def test_a_model_narrows_the_interval() -> None:
    world = make_world(2, error=0.0)

    found = estimate_value(Clusters(world.contact), world.logged, world.target).estimates

    assert found["dr"].high - found["dr"].low < found["ips"].high - found["ips"].low


@pytest.mark.parametrize(("contacts", "missing"), [(40, "40 contacts"), (60, "180 rows")])
def test_a_thin_log_is_refused_and_told_what_is_missing(contacts: int, missing: str) -> None:
    world = make_world(3, contacts=contacts)

    with pytest.raises(NotReady, match=missing):
        estimate_value(Clusters(world.contact), world.logged, world.target)


def test_a_policy_that_serves_what_was_never_served_is_refused() -> None:
    world = make_world(4)
    never = dataclasses.replace(world.target, chance=world.target.chance * (world.logged.propensity > 0.3) * 0.3)

    with pytest.raises(NotReady, match="does not cover"):
        estimate_value(Clusters(world.contact), world.logged, never)


def test_propensities_that_are_no_chances_are_refused() -> None:
    world = make_world(5)

    with pytest.raises(InvalidInput, match="propensity"):
        estimate_value(Clusters(world.contact), Logged(world.logged.reward, world.logged.propensity * 0), world.target)
    with pytest.raises(InvalidInput, match="chance"):
        estimate_value(
            Clusters(world.contact), world.logged, dataclasses.replace(world.target, chance=world.target.chance + 1)
        )
