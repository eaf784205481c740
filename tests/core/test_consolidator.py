import numpy as np

from dog.core.consolidator import build_consolidator
from dog.core.policy.policy_reader import read_policy


def test_each_policy_turns_a_model_in_its_own_direction() -> None:
    records = {"risk": {"mean": 0.0, "deviation": 1.0, "in_log_odds": True}}
    raw = np.array([[0.2, 0.5, 0.8]])
    lower = read_policy({"name": "a", "models": {"risk": {"direction": "lower_is_better"}}})
    higher = read_policy({"name": "b", "models": {"risk": {}}})

    falling, rising = (build_consolidator(policy, records, 0.1).calibrate(raw)[0] for policy in (lower, higher))

    assert (np.diff(falling) < 0).all()
    np.testing.assert_allclose(falling, rising[::-1])


def test_before_there_is_a_fit_stacking_is_the_weighted_mean() -> None:
    models = {"one": {"weight": 1.0}, "two": {"weight": 3.0}}
    policy = read_policy({"name": "a", "models": models, "consolidation": {"method": "stacking"}})
    consolidator = build_consolidator(policy, {}, 0.1)

    pooled = consolidator.consolidate(np.array([[0.2, np.nan], [0.4, 0.4]]))

    np.testing.assert_allclose(pooled, [0.35, 0.4])
