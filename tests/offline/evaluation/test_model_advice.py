"""The consolidated score against its models: as good as the best, or it says which one to drop."""

import numpy as np

from dog.core.log_odds import logit
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import ModelSettings
from dog.offline.evaluation.model_advice import ModelAdvice, assess_models
from dog.offline.replay.calibrated_scores import ModelScores, calibrate_forward
from dog.offline.replay.replay_policy import ReplayInput
from tests.offline.histories import DAY_MS, IN_PROCESS, START_MS, settle, simulate

CHANCES = np.random.default_rng(5).beta(1, 4, (80, 6))
WEEKS = 16
STARTS = START_MS + np.arange(0, WEEKS, 4) * 7 * DAY_MS


def assess(method: str) -> ModelAdvice:
    pitches = settle(simulate(CHANCES, WEEKS), START_MS + 10**11, 90 * DAY_MS)
    noise = np.random.default_rng(1).normal(0, 1, CHANCES.shape)
    models = [
        ModelScores(name=name, weight=1.0, lower_is_better=False, raw=odds[pitches.contact, pitches.product])
        for name, odds in (("wise", logit(CHANCES)), ("noise", noise))
    ]
    forward = calibrate_forward(IN_PROCESS, models, pitches, STARTS)
    past = ReplayInput(
        pitches=pitches,
        models=models,
        calibrated=forward.calibrated,
        forward=forward,
        week_starts_ms=START_MS + np.arange(WEEKS + 2, dtype=np.int64) * 7 * DAY_MS,
        product_count=6,
    )
    settings = {model.name: ModelSettings() for model in models}
    return assess_models(past, Policy(name="a", models=settings, consolidation=method))  # type: ignore[arg-type]


def test_a_pool_that_a_useless_model_pulls_down_is_told_and_so_is_what_to_drop() -> None:
    found = assess("mean")

    assert found.worse_than == ("wise",)
    assert found.drop == "noise"
    assert "set the weight of noise to 0" in found.advice
    assert "wise (AUC" in found.advice


def test_a_stacking_is_as_good_as_its_best_model() -> None:
    found = assess("stacking")

    assert found.worse_than == ()
    assert found.advice.startswith("The consolidated score is as good as each")
    assert set(found.changes) == {"wise", "noise"}
