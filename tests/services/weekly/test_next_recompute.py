"""What the next recompute would make of multipliers under other settings."""

from dataclasses import replace

import numpy as np

from dog.core.learning.evidence import no_evidence
from dog.core.learning.priors import fit_priors, sum_pairs
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.records import PAIRS
from dog.services.lists.active_policy import build_multipliers
from dog.services.weekly.next_recompute import means_the_same, next_multipliers

PRIORS = replace(fit_priors(sum_pairs(np.zeros(1, int), no_evidence(1), 1)), trust=(1.0, 1.0))
KNOWN = build_multipliers(Reinforcement(), PRIORS, np.ones(2))


def pair(*, wins: float, pitches: float, expected: float, multiplier: float) -> np.ndarray:
    found = np.zeros(1, PAIRS)
    found["evidence_wins"], found["evidence_pitches"], found["multiplier"] = wins, pitches, multiplier
    found["evidence_expected"], found["evidence_scored"] = expected, pitches
    return found


def test_a_multiplier_moves_at_most_one_step_towards_what_other_settings_say() -> None:
    held = pair(wins=4, pitches=4, expected=1, multiplier=1.5)

    assert next_multipliers(held, 0, KNOWN, Reinforcement()).tolist() == [1.875]
    assert next_multipliers(held, 0, KNOWN, Reinforcement(a_max=1.0)).tolist() == [1.2]
    assert next_multipliers(held, 0, KNOWN, Reinforcement(max_step=2.0)).tolist() == [2.0]


def test_settings_that_mean_something_else_start_without_a_step() -> None:
    held = pair(wins=4, pitches=4, expected=1, multiplier=1.0)
    by_score = Reinforcement(neutral="score", explore=0.0)

    assert not means_the_same(Reinforcement(), by_score)
    assert next_multipliers(held, 0, KNOWN, by_score)[0] > 1.25
