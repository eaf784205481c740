"""Proofs and searches over settings are German: reports, charts, sentences."""

from dataclasses import replace

import numpy as np
import pytest

from dog.console.runs.report_words import outcome_words
from dog.offline.proof.policy_proof import PolicyProof
from dog.offline.proof.proof_report import proof_files
from dog.offline.report_page import REPORT_FILE, parts_of
from dog.offline.statistics.intervals import Estimate
from dog.offline.statistics.score_change import ScoreChange
from dog.offline.tuning.tuning_report import TuningFigures, tuning_files
from tests.console.runs.test_report_words import left_english
from tests.console.test_german_pages import english_lines
from tests.offline.proof.test_policy_proof import logged_difference
from tests.offline.proof.test_proof_report import CHANGES, HELD_OUT

BOTH = Estimate(0.1, -0.0512, 0.2, week_low=-0.2, week_high=0.3)
HARM = Estimate(-0.1, -0.2, -0.05, week_low=-0.3, week_high=-0.01)
WORSE = ScoreChange(pitches=1200, contact_weeks=90, auc=HARM, auc_within=BOTH, log_loss=Estimate(0.01, 0.001, 0.02))

NO_SPLIT = "no kept decision has propensities: the policy splits no traffic (docs/how-to/evaluation.md)"
TOO_LITTLE = (
    "the log cannot tell what the policy is worth: 12 rows, at least 200 are needed; 3 contacts, at least 20 are "
    "needed; log more decisions, or give a larger share to the control random_eligible"
)
NOT_COVERED = (
    "the log does not cover the policy: weights average 0.70 where 1 is due; either the propensities are not true, or "
    "the policy serves what was never served"
)


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("not_logged", [NO_SPLIT, TOO_LITTLE, NOT_COVERED, ""])
def test_a_proof_and_its_sentence_are_german(not_logged: str) -> None:
    logged = None if not_logged else logged_difference(BOTH)
    found = PolicyProof(replace(HELD_OUT, recalibrated=True), logged, not_logged)
    page = proof_files(
        found, CHANGES | {"categories": {"gain": {"office": 3}, "lose": {}}, "warnings": []}, "recommended", str
    )[REPORT_FILE].decode()

    assert left_english(parts_of(page)) == []
    assert english_lines(outcome_words(found.sentence())) == []
    assert english_lines(outcome_words(f"at least as good; {found.sentence()}")) == []
    assert "Log-Loss des Herausforderers 0,30000, der des Amtierenden 0,31000" in outcome_words(found.sentence())


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("verdict", ["Drafted recommended 1a2b3c", "Drafted nothing, the active policy is not beaten"])
def test_a_search_over_settings_is_german_with_its_charts(verdict: str) -> None:
    figures = TuningFigures(
        policy="recommended",
        version="1a2b",
        in_force={"a_max": 3.0},
        chosen={"a_max": 2.0},
        in_force_log_loss=0.5,
        trials=[{"a_max": 3.0}, {"a_max": 2.0}],
        values=np.array([0.5, 0.4]),
        studies={"tpe": np.array([0.5, 0.4])},
        importances={"a_max": 1.0},
        not_tuned={"recursion.n": "fewer than 20 contacts had laps enough for a recursion"},
        verdict=verdict,
        comparison=HELD_OUT.sentence(),
        basis={"sampler": "tpe", "seed": 0, "weeks held out": 8, "data": "d1"},
    )
    page = tuning_files(figures)[REPORT_FILE].decode()

    assert left_english(parts_of(page)) == []
    assert english_lines(outcome_words(f"{verdict}; {HELD_OUT.sentence()}")) == []
