"""Which of two comparisons decides a proof."""

import pytest

from dog.offline.off_policy.policy_value import PolicyValue
from dog.offline.off_policy.value_difference import ValueDifference
from dog.offline.proof.policy_proof import PolicyProof
from dog.offline.replay.held_out import HeldOutComparison
from dog.offline.statistics.intervals import Estimate


def both_ways(low: float, high: float) -> Estimate:
    return Estimate((low + high) / 2, low, high, week_low=low, week_high=high)


def proof(low: float, high: float) -> HeldOutComparison:
    return HeldOutComparison(
        champion=0.5,
        challenger=0.5,
        difference=both_ways(low, high),
        pitches=1000,
        contacts=100,
    )


def logged_difference(difference: Estimate) -> ValueDifference:
    """Return the same difference of two policies by each method, on 500 logged items."""
    methods = ("dr", "snips")
    value = PolicyValue(
        estimates=dict.fromkeys(methods, Estimate(0.1, 0.09, 0.11)),
        gains={},
        logged=0.1,
        rows=500,
        contacts=100,
        effective_rows=500.0,
        clip=20.0,
        clipped=0.0,
        mean_weight=1.0,
    )
    return ValueDifference(value, value, dict.fromkeys(methods, difference))


@pytest.mark.parametrize(
    ("low", "high", "proved"), [(0.01, 0.05, True), (-0.05, -0.01, False), (-0.05, 0.05, True), (0.0, 0.0, True)]
)
def test_the_log_decides_where_its_interval_does_and_else_the_held_out_weeks(
    low: float, high: float, proved: bool
) -> None:
    logged = logged_difference(both_ways(low, high))
    told = PolicyProof(proof(-0.004, 0.004), logged).sentence()

    assert PolicyProof(proof(-0.004, 0.004), logged).proved is proved
    assert PolicyProof(proof(0.01, 0.02), logged).proved is (low >= 0)
    assert told.startswith("judged by logged propensities") is (low >= 0 or high < 0)
