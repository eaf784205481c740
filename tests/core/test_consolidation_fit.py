import numpy as np
import pytest
from scipy.special import expit

from dog.core.consolidation_fit import (
    ConsolidationFit,
    ModelPast,
    fit_consolidation,
    measure_gains,
    restack,
    settled_weeks,
)
from dog.core.describe_load import describe_load
from dog.core.score_axes import Axis, standardise

RANDOM = np.random.default_rng(2)
COUNT = 4000
WEEK = RANDOM.integers(0, 10, COUNT)
GOOD, WEAK = RANDOM.normal(size=(2, COUNT))
WON = RANDOM.random(COUNT) < expit(1.2 * GOOD + 0.3 * WEAK - 2.5)


def model(name: str, scores: np.ndarray, *, weight: float = 1.0, lower: bool = False, centre: float = 0.0) -> ModelPast:
    load = describe_load(scores[~np.isnan(scores)])
    places: dict[Axis, np.ndarray] = {axis: standardise(scores, load, axis) for axis in load.scales}
    return ModelPast(
        name=name, weight=weight, lower_is_better=lower, places=places, centres=dict.fromkeys(places, centre)
    )


def fit(*models: ModelPast, count: int = COUNT) -> ConsolidationFit:
    cut = [
        ModelPast(
            name=one.name,
            weight=one.weight,
            lower_is_better=one.lower_is_better,
            places={axis: places[:count] for axis, places in one.places.items()},
            centres=one.centres,
        )
        for one in models
    ]
    return fit_consolidation(cut, WON[:count], WEEK[:count], 0.1)


def test_a_model_that_predicts_gets_more_than_one_that_does_not() -> None:
    found = fit(model("good", GOOD), model("weak", np.random.default_rng(3).normal(size=COUNT)))

    assert found.intercept is not None
    good, weak = (found.models[name].coefficient for name in ("good", "weak"))
    assert good is not None
    assert weak is not None
    assert good > 0.8
    assert weak < good


def test_before_300_settled_pitches_and_30_wins_there_is_no_stacking_and_no_line() -> None:
    found = fit(model("good", GOOD, centre=0.6), count=200)

    assert found.intercept is None
    assert found.models["good"].slope is None
    assert found.models["good"].centre == 0.6
    assert found.pitches == 200


def test_a_model_that_is_better_when_lower_has_a_falling_line() -> None:
    found = fit(model("risk", -GOOD, lower=True))

    slope = found.models["risk"].slope
    assert slope is not None
    assert slope < -0.5


def test_the_logarithm_is_left_where_the_scores_themselves_explain_the_outcomes_decisively_better() -> None:
    scores = 10 + GOOD.clip(-3, 3) * 3  # positive: the logarithm is usual

    found = fit(model("even", scores), model("lognormal", np.exp(2 * WEAK)))

    assert found.models["even"].axis in ("identity", "log")
    assert found.models["lognormal"].axis == "log"
    chance = np.random.default_rng(4)
    heavy = np.exp(1.5 * chance.normal(size=COUNT))
    won = chance.random(COUNT) < expit(np.minimum(heavy, 30) / 3 - 3)
    one = model("heavy", heavy)
    assert fit_consolidation([one], won, WEEK, 0.1).models["heavy"].axis == "identity"


def test_a_model_without_scores_takes_part_with_its_stated_weight() -> None:
    absent = ModelPast(
        name="absent",
        weight=1.0,
        lower_is_better=False,
        places={"log_odds": np.full(COUNT, np.nan)},
        centres={"log_odds": 0.0},
    )

    found = fit(model("good", GOOD, weight=3.0), absent)

    assert found.models["absent"].coefficient == pytest.approx(0.25)
    assert found.models["absent"].slope is None


def test_a_model_with_weight_0_has_no_coefficient() -> None:
    found = fit(model("good", GOOD), model("off", WEAK, weight=0.0))

    assert found.models["off"].coefficient == 0.0


def test_stacking_again_with_the_same_weights_gives_the_same_fit() -> None:
    models = [model("good", GOOD), model("weak", WEAK)]
    found = fit(*models)

    assert restack(found, models, WON, WEEK, 0.1) == found


def test_other_weights_draw_the_coefficients() -> None:
    found = fit(model("good", GOOD), model("weak", WEAK), count=400)
    other = fit(model("good", GOOD), model("weak", WEAK, weight=9.0), count=400)

    assert other.models["weak"].coefficient > found.models["weak"].coefficient  # type: ignore[operator]


def test_weeks_that_are_not_settled_wait() -> None:
    week = np.repeat([0, 1], 100)
    settled = np.concatenate([np.arange(100) < 75, np.arange(100) < 74])

    assert settled_weeks(week, settled).sum() == 75


def test_a_model_that_explains_outcomes_is_worth_more_than_one_that_says_nothing() -> None:
    models = [model("good", GOOD), model("noise", np.random.default_rng(5).normal(size=COUNT))]

    measured = measure_gains(fit(*models), models, WON, WEEK, 0.1)

    good, noise = (measured.models[name].gain for name in ("good", "noise"))
    assert good is not None
    assert noise is not None
    assert good > 100
    assert abs(noise) < 3


def test_a_useless_model_that_few_outcomes_cannot_weigh_down_does_harm() -> None:
    few, chance = slice(0, 400), np.random.default_rng(5)
    wise, wild = chance.normal(size=(2, 400))
    won = chance.random(400) < expit(1.5 * wise - 1.5)
    models = [model("wise", wise, weight=1.0), model("wild", wild, weight=60.0)]

    measured = measure_gains(fit_consolidation(models, won, WEEK[few], 0.1), models, won, WEEK[few], 0.1)

    assert measured.models["wild"].gain < 0 < measured.models["wise"].gain  # type: ignore[operator]
