from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from dog.core.calibration import identity
from dog.core.consolidation import Stacking
from dog.core.consolidator import Consolidator, Model
from dog.core.learning.reinforcement_settings import CLAMP
from dog.core.log_odds import logit, multiply_odds
from dog.core.pipeline import PolicyPlan, RankedOptions, RankInputs, Targets, rank_options, score_options
from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import compile_policy
from dog.core.rulebook.apply_rules import RuleColumns
from dog.core.rulebook.columns import Frame
from dog.core.verdicts.verdict_multipliers import VerdictMultipliers
from tests.core.kernels.random_plans import shares_of

PRODUCTS = [{"id": f"p{number}", "category": "even" if number % 2 == 0 else "odd"} for number in range(6)]
RULES: list[dict[str, Any]] = [
    {"id": "no-p0", "when": "product.id = 'p0'", "then": {"exclude": True}},
    {"id": "push-p1", "when": "product.id = 'p1'", "then": {"multiply": 2.0}},
    {"id": "one-odd", "when": "product.category = 'odd'", "then": {"cap": {"by": "product.category", "at_most": 1}}},
]
IDENTITY = identity(lower_is_better=False)


def plan(rules: list[dict[str, Any]] = RULES, **more: Any) -> PolicyPlan:
    rulebook = compile_policy(read_policy({"name": "a", "rules": rules}))
    products = Frame.of([*PRODUCTS, {}], "product")
    values = {
        "consolidator": Consolidator(models=(Model("cf", 1.0, IDENTITY),), method="mean"),
        "targets": Targets(),
        "on_odds": False,
        "clamp": CLAMP,
        "rulebook": rulebook,
        "products": products,
    }
    return PolicyPlan(**{**values, **more})


def inputs(scores: list[float], starts: list[int] | None = None, **more: Any) -> RankInputs:
    count = len(scores)
    values = {
        "k": 3,
        "starts": np.array(starts or [0, count]),
        "products": np.arange(count) % 6,
        "tie_order": np.arange(count),
        "raw": np.array([scores]),
        "performance": np.ones(count),
        "order_odds": None,
        "verdicts": VerdictMultipliers.neutral(count),
        "rationales": None,
        "available": np.ones(count, bool),
        "rule_columns": RuleColumns(
            today=date(2026, 11, 20),
            attributes={},
            context={},
            history=np.zeros((0, 0)),
            event_counts=np.zeros((0, 0), np.int64),
        ),
    }
    return RankInputs(**{**values, **more})


def rank(plan: PolicyPlan, inputs: RankInputs, order_by: np.ndarray | None = None) -> RankedOptions:
    return rank_options(plan, inputs, score_options(plan, inputs), order_by)


SCORES = [0.6, 0.1, 0.3, 0.5, 0.2, 0.25]


def test_exclusions_factors_and_caps_apply_and_the_list_keeps_its_length() -> None:
    ranked = rank(plan(), inputs(SCORES))

    assert ranked.chosen.tolist() == [3, 2, 4]
    assert ranked.eligible.tolist() == [False, True, True, True, True, True]
    assert ranked.scores[1] == pytest.approx(2 * ranked.scored.score[1])


def test_the_factors_multiply_to_the_score() -> None:
    verdicts = VerdictMultipliers(
        streak=np.full(6, 0.8),
        market=np.full(6, 0.7),
        business=np.full(6, 1.1),
        snoozed_until_ms=np.zeros(6, np.int64),
    )
    scored = score_options(plan(), inputs(SCORES, performance=np.full(6, 1.5), verdicts=verdicts))
    factors = ("consolidated", "performance", "streak", "market", "business", "clamp")

    assert np.prod([getattr(scored, name) for name in factors], axis=0) == pytest.approx(scored.score)


def test_performance_and_streak_together_stay_within_the_clamp() -> None:
    verdicts = replace(VerdictMultipliers.neutral(6), streak=np.full(6, 2.0))
    scored = score_options(plan(), inputs(SCORES, performance=np.full(6, 3.0), verdicts=verdicts))

    assert scored.performance * scored.streak * scored.clamp == pytest.approx(np.full(6, CLAMP[1]))


def test_a_trigger_applied_to_a_model_acts_on_that_model_alone() -> None:
    two = (Model("cf", 0.5, IDENTITY), Model("frequency", 0.5, IDENTITY))
    raw = np.array([SCORES, SCORES])
    market = replace(VerdictMultipliers.neutral(6), market=np.full(6, 0.5))
    on_model = plan([], consolidator=Consolidator(models=two, method="mean"), targets=Targets(market="cf"))
    scored = score_options(on_model, inputs(SCORES, raw=raw, verdicts=market))

    assert scored.market.tolist() == [1.0] * 6
    assert scored.by_model.tolist() == [[0.5] * 6, [1.0] * 6]
    assert scored.consolidated == pytest.approx(0.75 * scored.plain)


def test_snoozed_and_unavailable_options_are_not_listed() -> None:
    snoozed = replace(VerdictMultipliers.neutral(6), snoozed_until_ms=np.array([0, 0, 0, 9, 0, 0]))
    ranked = rank(plan([]), inputs(SCORES, verdicts=snoozed, available=np.arange(6) != 0))

    assert ranked.chosen.tolist() == [2, 5, 4]


def test_an_option_without_any_score_is_never_listed() -> None:
    ranked = rank(plan([]), inputs([np.nan, 0.1, np.nan, np.nan, np.nan, np.nan]))

    assert ranked.chosen.tolist() == [1]
    assert ranked.drawable.tolist() == [False, True, False, False, False, False]


def test_equal_scores_are_ordered_by_the_tie_order() -> None:
    ranked = rank(plan([]), inputs([0.5] * 6, tie_order=np.arange(5, -1, -1)))

    assert ranked.chosen.tolist() == [5, 4, 3]


def test_draws_order_what_the_rules_leave() -> None:
    ranked = rank(plan(), inputs(SCORES), order_by=np.array([9.0, 1.0, 2.0, 3.0, 4.0, 0.0]))

    assert ranked.chosen.tolist() == [4, 3, 2]


def test_many_contacts_at_once_get_the_lists_that_each_gets_alone() -> None:
    rng = np.random.default_rng(5)
    scores = rng.uniform(0.05, 0.95, 18).tolist()
    together = rank(plan(), inputs(scores, [0, 6, 12, 18]))
    alone = [rank(plan(), inputs(scores[first : first + 6])) for first in (0, 6, 12)]

    assert together.sizes.tolist() == [3, 3, 3]
    assert together.chosen.tolist() == [6 * place + it for place, one in enumerate(alone) for it in one.chosen.tolist()]
    assert together.scores.tolist() == [score for one in alone for score in one.scores.tolist()]


def test_a_factor_on_the_odds_leaves_a_probability() -> None:
    factors = np.array([3.0, 1 / 3, 1.0, 2.0, 0.5, 1.0])
    scored = score_options(plan(on_odds=True), inputs(SCORES, performance=factors))

    assert scored.score == pytest.approx(multiply_odds(np.array(SCORES), factors), abs=1e-15)
    assert scored.consolidated * scored.performance * scored.clamp == pytest.approx(scored.score)
    assert scored.performance[2] == scored.performance[5] == 1.0


def test_no_verdict_takes_a_probability_beyond_one_and_the_order_stays() -> None:
    verdicts = replace(VerdictMultipliers.neutral(2), streak=np.array([1.25, 1.25]))
    two = inputs([0.9, 0.95], verdicts=verdicts)
    ranked = rank(plan(rules=[], on_odds=True), two)

    assert (ranked.scores < 1).all()
    assert ranked.chosen.tolist() == [1, 0]
    assert ranked.order_scores[1] > ranked.order_scores[0] > 1


def test_exploration_moves_the_order_and_no_score() -> None:
    doubt = np.array([1.0, 8.0, 1.0, 1.0, 1.0, 1.0])
    plain, explored = (rank(plan(rules=[], on_odds=True), inputs(SCORES, order_odds=odds)) for odds in (None, doubt))

    assert explored.scores.tolist() == plain.scores.tolist()
    assert explored.chosen.tolist() == [0, 3, 1]
    assert explored.order_scores[1] == pytest.approx(multiply_odds(np.array([0.1]), 8.0)[0])


def test_a_factor_that_is_applied_to_a_model_multiplies_that_models_odds() -> None:
    two = (Model("cf", 1.0, IDENTITY), Model("lead", 1.0, IDENTITY))
    of_model = plan(
        rules=[], consolidator=Consolidator(models=two, method="mean"), targets=Targets(performance="cf"), on_odds=True
    )
    given = inputs([0.2], raw=np.array([[0.2], [0.4]]), performance=np.array([3.0]))
    scored = score_options(of_model, given)

    assert scored.score[0] == pytest.approx((multiply_odds(np.array([0.2]), 3.0)[0] + 0.4) / 2)
    assert scored.performance[0] == 1.0


def test_a_multiplier_of_a_model_multiplies_its_odds_in_the_logarithmic_pool() -> None:
    one = Consolidator(models=(Model("cf", 1.0, IDENTITY),), method="log_pool")
    of_model = plan(rules=[], consolidator=one, targets=Targets(performance="cf"))
    scored = score_options(of_model, inputs([0.2], performance=np.array([0.5])))

    assert scored.score[0] == pytest.approx(multiply_odds(np.array([0.2]), 0.5)[0], abs=1e-12)


def test_without_bounds_a_multiplier_is_served_as_it_is() -> None:
    free = rank(plan(rules=[], clamp=(0.0, np.inf)), inputs(SCORES, performance=np.full(6, 0.0018)))

    assert free.scores.tolist() == pytest.approx([0.0018 * score for score in SCORES])


def test_by_stacking_a_models_share_changes_by_its_coefficient_times_the_logarithm_of_the_factor() -> None:
    two = (Model("cf", 1.0, IDENTITY), Model("lead", 1.0, IDENTITY))
    stacking = Stacking(
        coefficients=np.array([0.7, 0.4]), used=np.array([True, True]), means=np.array([-1.0, -1.0]), intercept=-1.5
    )
    stacked = Consolidator(models=two, method="stacking", stacking=stacking)
    of_model = plan(rules=[], consolidator=stacked, targets=Targets(performance="cf"), on_odds=True)
    given = inputs([0.2], raw=np.array([[0.2], [0.4]]), performance=np.array([3.0]))
    scored = score_options(of_model, given)

    change = logit(scored.consolidated[0]) - logit(scored.plain[0])
    assert change == pytest.approx(0.7 * np.log(3.0))
    assert shares_of(stacked, scored.calibrated, scored.by_model).sum() + stacked.intercept == pytest.approx(
        logit(scored.consolidated[0])
    )
