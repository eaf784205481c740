"""What is judged: each model, the consolidated score, and what the policy would have served, at every past pitch."""

from collections.abc import Callable

import numpy as np

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.policy.policy import Policy
from dog.core.rulebook.column_schema import ColumnSchema
from dog.offline.evaluation.evaluation_result import AS_SERVED, CONSOLIDATED, EXPLORED, MULTIPLIED, WIN_RATE
from dog.offline.replay.past_rules import rules_left_out
from dog.offline.replay.replay_policy import ReplayInput
from dog.offline.replay.served_prediction import explore, serve
from dog.offline.replay.weekly_multipliers import WeeklyMultipliers
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.score_change import Prediction


def predict(
    policy: Policy, past: ReplayInput, report: Callable[[float], None]
) -> tuple[dict[str, Prediction], WeeklyMultipliers, Floats]:
    """Return every prediction by name, the replayed weeks, and the consolidated score, each shape (pitches,)."""
    score, settings = past.consolidate(policy), policy.reinforcement
    replayed = past.replay(score, settings, past.refreshed(policy), report)
    rates = {model.name: rates for model, rates in zip(past.models, past.calibrated, strict=True)}
    predictions = {name: Prediction(rate, rate) for name, rate in {**rates, CONSOLIDATED: score}.items()}
    predictions[MULTIPLIED] = told = serve(score, replayed.multiplier, settings)
    streaks, rules = past.streak_factors(policy), past.rule_factors(policy, score, replayed.multiplier)
    if np.any(streaks != 1.0) or np.any(rules != 1.0):
        predictions[AS_SERVED] = told = serve(score, replayed.multiplier, settings, streaks, rules)
    if (replayed.order_odds != 1).any():
        predictions[EXPLORED] = explore(told, replayed.order_odds)
    predictions[WIN_RATE] = Prediction(replayed.win_rate, replayed.win_rate)
    return predictions, replayed, score


def parts_of(score: Floats, replayed: WeeklyMultipliers, settings: Reinforcement) -> dict[str, Prediction]:
    """Return what products alone, and pairs alone, would have said; nothing where they are not known apart."""
    if settings.neutral != "expected":
        return {}
    parts = {"products": replayed.product_part, "pairs": replayed.pair_part}
    return {name: serve(score, np.clip(part, settings.d_min, settings.a_max), settings) for name, part in parts.items()}


def not_replayed(policy: Policy, past: ReplayInput, schema: ColumnSchema) -> dict[str, str]:
    """Return what is served but left out of the walk, and why."""
    found = {f"rule {name}": why for name, why in rules_left_out(policy, schema).items()}
    found["verdicts beyond the pair"] = "on market, business, or discomfort with anything but the product"
    if past.streaks is None:
        found["streaks"] = "verdicts are not known"
    if policy.triggers.performance.apply_to != CONSOLIDATED:
        model = policy.triggers.performance.apply_to
        found[f"performance of {model}"] = "its multiplier is replayed as one of the consolidated score"
    return found
