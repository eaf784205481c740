"""A proof's page holds the verdict, both comparisons and the changes of lists; names are text."""

import json
from dataclasses import replace
from typing import Any

from dog.offline.proof.policy_proof import PolicyProof
from dog.offline.proof.proof_report import proof_files
from dog.offline.replay.held_out import HeldOutComparison
from dog.offline.statistics.intervals import Estimate
from dog.offline.statistics.score_change import ScoreChange
from tests.offline.proof.test_policy_proof import logged_difference

HOSTILE = "<img src=x onerror=alert(1)>"
RANKING = ScoreChange(pitches=1000, contact_weeks=200, auc=Estimate(0.02, 0.01, 0.03))
HELD_OUT = HeldOutComparison(
    champion=0.31,
    challenger=0.3,
    difference=Estimate(-0.01, -0.02, -0.001, week_low=-0.03, week_high=-0.002),
    pitches=1000,
    contacts=100,
    weeks=8,
    champion_auc=0.7,
    challenger_auc=0.72,
    ranking=RANKING,
)
CHANGES: dict[str, Any] = {
    "contacts": 60,
    "lists_changed": 12,
    "lists_emptied": 2,
    "lists_shortened": 1,
    "top_k_exchanged": 0.05,
    "products": {"gain": {"p1": 3}, "lose": {}},
    "categories": {"gain": {}, "lose": {HOSTILE: -3}},
    "warnings": [{"message": f"a rule never fires: {HOSTILE}"}],
}


def page_of(proof: PolicyProof) -> str:
    files = proof_files(proof, CHANGES, "recommended", {"p1": HOSTILE}.__getitem__)
    assert json.loads(files["figures.json"])["changes"] == CHANGES
    return files["report.html"].decode()


def test_the_page_holds_figures_changes_and_why_the_log_was_not_compared() -> None:
    page = page_of(PolicyProof(HELD_OUT, not_logged=f"no split of {HOSTILE}"))

    assert "At least as good: judged by the models alone" in page
    assert "0.31000<td class=n>0.30000<td class=n>-0.01000 [-0.02000, -0.00100; weeks -0.03000, -0.00200]" in page
    assert "0.700<td class=n>0.720<td class=n>+0.020 [+0.010, +0.030]" in page
    assert "Not compared: no split of &lt;img" in page
    assert "Lists that would be empty: 2; shorter: 1." in page
    assert "12 of 60 lists would change; 5.0% of the places" in page
    assert "&lt;img src=x onerror=alert(1)&gt;<td class=n>+3" in page
    assert "<img" not in page


def test_without_intervals_nothing_is_proved_and_the_page_says_so() -> None:
    page = page_of(PolicyProof(replace(HELD_OUT, difference=Estimate(-0.01), ranking=None), not_logged="no log"))

    assert "Not proved to be at least as good" in page
    assert "AUC" not in page
    assert "nan" not in page


def test_wins_on_the_log_are_shown_by_method() -> None:
    logged = logged_difference(Estimate(0.02, 0.01, 0.03))
    held_out = replace(HELD_OUT, recalibrated=True)
    page = page_of(PolicyProof(held_out, logged=logged))

    assert "+0.0200 [+0.0100, +0.0300]" in page
    assert "500 logged items" in page
    assert "recalibrated" in page
