"""Settings of the reinforcement: bad values, contradictions, and defaults that follow other settings."""

import math
from typing import Any

import pytest

from dog.core.learning.reinforcement_settings import Recursion, Reinforcement
from dog.core.policy.policy_reader import read_policy
from dog.errors import InvalidPolicy


def faults_of(**reinforcement: Any) -> list[str]:
    with pytest.raises(InvalidPolicy) as refused:
        read_policy({"name": "p", "reinforcement": reinforcement})
    return [fault.pointer for fault in refused.value.faults]


def test_a_clamp_inside_the_bounds_is_refused() -> None:
    assert faults_of(clamp=[0.5, 4.0]) == ["/reinforcement/clamp"]
    assert faults_of(clamp=[0.25, 2.0]) == ["/reinforcement/clamp"]
    assert faults_of(clamp=[0.25]) == ["/reinforcement/clamp"]
    assert faults_of(clamp="of") == ["/reinforcement/clamp"]


def test_a_clamp_is_off_given_or_as_wide_as_the_bounds() -> None:
    assert Reinforcement(clamp="off").clamp_bounds == (0.0, math.inf)
    assert Reinforcement(clamp=(0.1, 9.0)).clamp_bounds == (0.1, 9.0)
    assert Reinforcement().clamp_bounds == (0.25, 4.0)
    assert Reinforcement(a_max=6.0, d_min=0.2).clamp_bounds == (0.2, 6.0)


def test_curves_over_win_rates_do_not_go_with_expected_wins() -> None:
    assert faults_of(neutral="expected", family="linear") == ["/reinforcement/family"]
    assert faults_of(neutral="expected", rate="raw") == ["/reinforcement/rate"]


def test_a_memory_needs_expected_wins_to_compare_wins_with() -> None:
    assert not Reinforcement().memory
    assert faults_of(memory=True, neutral="global") == ["/reinforcement/memory"]


def test_trust_is_learned_one_number_or_two() -> None:
    assert Reinforcement().fixed_trust is None
    assert Reinforcement(trust=0.3).fixed_trust == (0.3, 0.3)
    assert Reinforcement(trust=(0.3, 0.0)).fixed_trust == (0.3, 0.0)
    assert faults_of(trust=1.5) == ["/reinforcement/trust"]
    assert faults_of(trust=[0.5, 2]) == ["/reinforcement/trust"]


def test_the_odds_are_multiplied_where_wins_are_compared_with_expected_ones() -> None:
    assert Reinforcement(neutral="expected").on_odds
    assert not Reinforcement(neutral="global").on_odds
    assert Reinforcement(neutral="global", on="odds").on_odds


@pytest.mark.parametrize(
    "settings", [{"on": "odds"}, {"clamp": [0.1, 5.0]}, {"clamp": "off"}, {"trust": [0.1, 0.2]}, {"absorb": "measured"}]
)
def test_the_settings_are_written_as_they_are_read(settings: dict[str, Any]) -> None:
    policy = read_policy({"name": "p", "reinforcement": settings})

    assert read_policy(policy.to_document()) == policy
    assert settings.items() <= policy.to_document()["reinforcement"].items()


@pytest.mark.parametrize("bad", [{"n": -0.1}, {"n": 3.1}, {"n": float("nan")}, {"laps": 0}, {"reading": "other"}])
def test_a_recursion_with_a_bad_value_cannot_exist(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        Recursion(**bad)


@pytest.mark.parametrize(
    "bad", [{"a_max": 0.9}, {"d_min": 0.0}, {"d_min": 1.1}, {"max_step": 0.9}, {"family": "cubic"}]
)
def test_a_reinforcement_with_a_bad_value_cannot_exist(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        Reinforcement(**bad)
