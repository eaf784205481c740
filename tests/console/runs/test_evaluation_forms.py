"""Each advice on win rates is German."""

from dataclasses import replace
from typing import get_args

import pytest

from dog.console.runs.report_words import outcome_words
from dog.offline.evaluation.alternative_settings import BetterSettings
from dog.offline.evaluation.win_rate_advice import Assessment, WinRateEvidence, advise
from dog.offline.statistics.intervals import Estimate
from dog.offline.statistics.score_change import ScoreChange
from dog.services.runtime import Runtime
from tests.console.test_german_pages import english_lines

BOTH = Estimate(0.1, -0.0512, 0.2, week_low=-0.2, week_high=0.3)
HARM = Estimate(-0.1, -0.2, -0.05, week_low=-0.3, week_high=-0.01)
WORSE = ScoreChange(pitches=1200, contact_weeks=90, auc=HARM, auc_within=BOTH, log_loss=Estimate(0.01, 0.001, 0.02))


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("verdict", get_args(Assessment))
@pytest.mark.parametrize("strength", [40.0, 200.0])
def test_each_advice_on_win_rates_is_german(
    verdict: Assessment, strength: float, runtime: Runtime, evidence: WinRateEvidence
) -> None:
    cases = [
        replace(
            evidence, verdict=verdict, strength=strength, effects=effects, auc_score=score, remedy=remedy, pitches=n
        )
        for effects in ({}, {"together": WORSE})
        for score in (BOTH, Estimate())
        for remedy in (None, BetterSettings("a_max = 1.5, d_min = 0.7 and explore = 0", BOTH, BOTH))
        for n in (120, 1200)
    ]
    told = [outcome_words(advise(one)) for one in cases]

    assert english_lines("\n".join(told).replace("and explore", "")) == []
    assert not {advise(one) for one in cases} & set(told)


@pytest.fixture
def evidence() -> WinRateEvidence:
    """Return what a history of 1,200 pitches could say."""
    return WinRateEvidence(
        verdict="predicts",
        advice="",
        pitches=1200,
        wins=120,
        auc_rate=BOTH,
        auc_own=BOTH,
        auc_score=BOTH,
        auc_together=BOTH,
        auc_gain=BOTH,
        auc_gain_all=BOTH,
        effects={},
        strength=40.0,
        trust=None,
        absorbed=[],
        multipliers=(0.5, 1.0, 2.0),
        next_by_rate=[],
        few_shot=[],
    )
