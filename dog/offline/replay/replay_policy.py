"""What a policy's settings would have predicted at each past pitch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from dog.core.consolidation import consolidate
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.log_odds import odds_multiplier
from dog.core.policy.policy import Policy
from dog.core.verdicts.streaks import streak_multiplier
from dog.offline.history.laps_by_week import LapsByWeek
from dog.offline.history.pair_streaks import PairStreaks
from dog.offline.history.pitches import Pitches
from dog.offline.replay.calibrated_scores import ForwardScores, ModelScores
from dog.offline.replay.past_rules import PastColumns, rule_factors
from dog.offline.replay.served_prediction import recalibrate_forward, says_probabilities, serve
from dog.offline.replay.weekly_multipliers import WeeklyMultipliers, replay_weeks
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.probabilities import log_losses
from dog.offline.statistics.score_change import Prediction

RECALIBRATED_WEEKS = 4
"""Weeks after which the chances of a policy that multiplies scores are fitted again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayInput:
    """The history as arrays, read once and replayed with many settings.

    `pitches` are resolved, in time order. `calibrated` holds each model's probability at each pitch from what was known
    before, NaN where it had no score. `week_starts_ms`, `product_count` and `laps` are as in `replay_weeks`. `streaks`
    are those of the pair at each pitch, None where verdicts are not known. `forward` consolidates the scores of the
    whole history, of which `rows` and `pairs` are here; without it `calibrated` is pooled by the stated weights.
    `columns` reads what rules read, None where it cannot be known.
    """

    pitches: Pitches
    models: Sequence[ModelScores]
    calibrated: Sequence[Floats]
    week_starts_ms: NDArray[np.int64]
    product_count: int
    streaks: PairStreaks | None = None
    laps: LapsByWeek | None = None
    forward: ForwardScores | None = None
    rows: NDArray[np.int64] | None = None  # None for all
    pairs: NDArray[np.int64] | None = None  # None for all
    columns: Callable[[], PastColumns] | None = None

    def consolidate(self, policy: Policy) -> Floats:
        """Return the consolidated score of each pitch by a policy's weights and method, shape (pitches,)."""
        weights = {name: settings.weight for name, settings in policy.primary_models.items()}
        if self.forward is None:
            stated = np.array([weights.get(model.name, 0.0) for model in self.models])
            pool = "mean" if policy.consolidation == "stacking" else policy.consolidation
            return consolidate(np.stack(self.calibrated), stated, pool)
        found = self.forward.consolidate(weights, policy.consolidation)
        return found if self.rows is None else found[self.rows]

    def before(self, at_ms: int) -> "ReplayInput":
        """Select the pitches made before an instant, with their outcomes."""
        return self._where(self.pitches.at_ms < at_ms)

    def of_contacts(self, max_pitches: int, seed: int) -> "ReplayInput":
        """Sample whole contacts, about `max_pitches` pitches in all; return everything if it is fewer."""
        if len(self.pitches) <= max_pitches:
            return self
        number, position = np.unique(self.pitches.contact, return_inverse=True)
        share = max_pitches / len(self.pitches)
        return self._where((np.random.default_rng(seed).random(len(number)) < share)[position])

    def refreshed(self, policy: Policy) -> dict[int, Floats]:
        """Return the consolidated score of every pair by the week in which models were fitted again."""
        if self.forward is None:
            return {}
        weights = {name: settings.weight for name, settings in policy.primary_models.items()}
        renewed = self.forward.renewed(weights, policy.consolidation)
        weeks = np.searchsorted(self.week_starts_ms, list(renewed)).tolist()
        pairs = slice(None) if self.pairs is None else self.pairs
        return {week: score[pairs] for week, score in zip(weeks, renewed.values(), strict=True)}

    def replay(
        self,
        score: Floats,
        settings: Reinforcement,
        refreshed: Mapping[int, Floats] = MappingProxyType({}),
        report: Callable[[float], None] = lambda _: None,
    ) -> WeeklyMultipliers:
        """Replay the weeks with other settings (`replay_weeks`)."""
        return replay_weeks(
            self.pitches,
            score,
            self.week_starts_ms,
            settings,
            self.product_count,
            laps=self.laps,
            refreshed=refreshed,
            report=report,
        )

    def streak_factors(self, policy: Policy) -> Floats | float:
        """Return the multiplier of the pair's own streak at each pitch, shape (pitches,); 1 where none is known."""
        if self.streaks is None:
            return 1.0
        settings = policy.reinforcement.streak
        return streak_multiplier(self.streaks.length, self.streaks.days, 0, settings.half_life_days, settings)

    def rule_factors(self, policy: Policy, score: Floats, multiplier: Floats) -> Floats | float:
        """Return the product of the factors of the rules that multiply, shape (pitches,) (`past_rules`)."""
        if self.columns is None:
            return 1.0
        rows = slice(None) if self.rows is None else self.rows
        scores = {f"score.{model.name}": model.raw[rows] for model in self.models}
        if policy.reinforcement.on_odds:
            multiplier = odds_multiplier(score, multiplier)
        scores |= {"consolidated": score, "multiplier": multiplier}
        return rule_factors(policy, self.columns, self.pitches, scores)

    def _where(self, chosen: NDArray[np.bool_]) -> "ReplayInput":
        pitches = self.pitches.where(chosen)
        kept, pair = np.unique(pitches.pair, return_inverse=True)
        return replace(
            self,
            pitches=replace(pitches, pair=pair.reshape(-1).astype(np.int64)),
            pairs=kept if self.pairs is None else self.pairs[kept],
            calibrated=[one[chosen] for one in self.calibrated],
            streaks=self.streaks and self.streaks.where(chosen),
            rows=(np.arange(len(chosen)) if self.rows is None else self.rows)[chosen],
            columns=self.columns and partial(_columns_of, self.columns, chosen),
        )


def _columns_of(columns: Callable[[], PastColumns], chosen: NDArray[np.bool_]) -> PastColumns:
    return columns().where(chosen)


def replay_prediction(past: ReplayInput, policy: Policy, *, recalibrated: bool = False) -> Prediction:
    """Return what a policy would have said of each pitch.

    The policy's weights, consolidation, reinforcement (with absorption where models were fitted again), clamp and
    multiplying rules are replayed; of verdicts the pair's own streak counts. With `recalibrated`, slope and intercept
    of the log odds are fitted forward. NaN where no model with a weight has a score.
    """
    score = past.consolidate(policy)
    multiplier = past.replay(score, policy.reinforcement, past.refreshed(policy)).multiplier
    found = serve(
        score,
        multiplier,
        policy.reinforcement,
        past.streak_factors(policy),
        past.rule_factors(policy, score, multiplier),
    )
    if recalibrated:
        blocks = past.week_starts_ms[:-1:RECALIBRATED_WEEKS]
        found = replace(found, chance=recalibrate_forward(found.chance, past.pitches, blocks))
    return found


def replay_losses(past: ReplayInput, policy: Policy) -> Floats:
    """Return the log loss of each pitch's chance, in nats, NaN where none is known, shape (pitches,).

    The chance of a policy whose multiplier acts on the score, which is not a probability, is recalibrated.
    """
    found = replay_prediction(past, policy, recalibrated=not says_probabilities(policy))
    return log_losses(past.pitches.won, found.chance)
