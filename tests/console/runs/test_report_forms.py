"""Each text of an evaluation is German, in its parts and charts."""

from dataclasses import replace

import numpy as np
import pytest

from dog.console.runs.report_words import report_words
from dog.offline.evaluation.evaluate import evaluate
from dog.offline.evaluation.evaluation_report import draw_all, render
from dog.offline.evaluation.evaluation_result import Evaluation
from dog.offline.evaluation.impact import Lift, SplitImpact
from dog.offline.evaluation.model_advice import ModelAdvice
from dog.offline.report_page import parts_of
from dog.offline.statistics.intervals import Estimate
from dog.offline.statistics.score_change import ScoreChange
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.runs.test_report_words import left_english
from tests.offline.evaluation.test_evaluate import fill

BOTH = Estimate(0.1, -0.0512, 0.2, week_low=-0.2, week_high=0.3)
HARM = Estimate(-0.1, -0.2, -0.05, week_low=-0.3, week_high=-0.01)
WORSE = ScoreChange(pitches=1200, contact_weeks=90, auc=HARM, auc_within=BOTH, log_loss=Estimate(0.01, 0.001, 0.02))


@pytest.mark.usefixtures("german")
def test_an_evaluation_is_german_with_its_charts(runtime: Runtime, store: Store) -> None:
    fill(store, runtime.clock())
    found = evaluate(runtime, "default")
    parts = parts_of(render(found, draw_all(found)))

    assert left_english(parts) == []
    assert left_english(parts_of(render(enrich(found), {}))) == []
    assert "0,678 [0,628; 0,719; Wochen 0,607; 0,755]" in report_words(parts)


def enrich(found: Evaluation) -> Evaluation:
    """Return an evaluation that has every part: all predictions, controls, models that do better, the model start."""
    quality = next(iter(found.judged.values()))
    names = ("with multipliers", "with streaks and rules", "in list order", "consolidated", "past win rate alone", "cf")
    sentences = (
        "no_rules: too few contacts (12) to tell; 20 is the least.",
        "The policy wins more than no_rules: +12.0% (+1.0% to +20.0%, too few weeks to draw).",
        (
            "The policy wins less than no_rules: -1.0% (-2.0% to -0.5%, with weeks drawn -3.0% to -0.1%) of the win "
            "rate; look at what it adds."
        ),
        "No difference to no_rules is known; it has won nothing yet.",
        (
            "No difference to no_rules is known yet: +1.0% (-2.0% to +4.0%, too few weeks to draw); a lift of 10% "
            "could be seen in about 12 more weeks."
        ),
    )
    lifts = [
        Lift(
            control="no_rules",
            contacts=1200,
            pitches=2400,
            win_rate=BOTH,
            difference=BOTH,
            lift=BOTH,
            weeks=3.0,
            weeks_to_see=np.inf,
            sentence=sentence,
        )
        for sentence in sentences
    ]
    gain = {"mean": 0.1, "low": 0.05, "high": 0.15}
    band = {"ndcg": gain, "auc": gain, "base_ndcg": 0.1, "base_auc": 0.6, "contacts": 1200, "on": True}
    start = {
        "contacts": 1200,
        "bands": {"1": band, "2-4": None},
        "segments": band,
        "segment_bands": {"1": band},
        "cold": {"known_buyers": [1], "products": 1200, "auc_most_active": [0.6], "auc": [0.7], "on": True},
        "memory": {"trust": 0.5, "on": True},
    }
    basis = replace(
        found.basis,
        read_share=0.125,
        refitted=["churn", "cf"],
        trusted_scores=True,
        not_replayed={
            "rule r1": "limit changes which options are listed, not their scores",
            "streaks": "verdicts are not known",
        },
    )
    return replace(
        found,
        basis=basis,
        judged=dict.fromkeys(names, quality),
        models=ModelAdvice(changes={"cf": WORSE, "a, b": WORSE}, worse_than=("cf", "a, b"), drop=None),
        win_rates=replace(found.win_rates, effects={"together": WORSE, "products": WORSE, "pairs": WORSE}),
        impact=SplitImpact(contacts=1200, pitches=2400, win_rate=BOTH, lifts=lifts),
        start=start,
    )
