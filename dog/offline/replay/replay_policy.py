"""What a policy's settings would have predicted at each past pitch; two policies compared on held-out weeks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.pipeline import clamp_factor
from dog.core.policy.policy import Policy
from dog.core.verdicts.streaks import streak_multiplier
from dog.offline.history.laps_by_week import LapsByWeek
from dog.offline.history.pair_streaks import PairStreaks
from dog.offline.history.pitches import Pitches
from dog.offline.replay.calibrated_scores import ModelScores, consolidate_forward
from dog.offline.replay.weekly_multipliers import WeeklyMultipliers, replay_weeks
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.intervals import Estimate, bootstrap_mean
from dog.offline.statistics.probabilities import log_losses


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayInput:
    """The history as arrays, read once and replayed with many settings.

    `pitches` are resolved, in time order. `calibrated` holds each model's probability at each pitch from what was known
    before, NaN where it had no score. `week_starts_ms`, `product_count` and `laps` are as in `replay_weeks`. `streaks`
    are those of the pair at each pitch, None where verdicts are not known.
    """

    pitches: Pitches
    models: Sequence[ModelScores]
    calibrated: Sequence[Floats]
    week_starts_ms: NDArray[np.int64]
    product_count: int
    streaks: PairStreaks | None = None
    laps: LapsByWeek | None = None

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

    def replay(
        self, score: Floats, settings: Reinforcement, report: Callable[[float], None] = lambda _: None
    ) -> WeeklyMultipliers:
        """Replay the weeks with other settings (`replay_weeks`)."""
        return replay_weeks(
            self.pitches, score, self.week_starts_ms, settings, self.product_count, laps=self.laps, report=report
        )

    def _where(self, chosen: NDArray[np.bool_]) -> "ReplayInput":
        pitches = self.pitches.where(chosen)
        pair = np.unique(pitches.pair, return_inverse=True)[1].reshape(-1).astype(np.int64)
        return replace(
            self,
            pitches=replace(pitches, pair=pair),
            calibrated=[one[chosen] for one in self.calibrated],
            streaks=self.streaks and self.streaks.where(chosen),
        )


def replay_losses(past: ReplayInput, policy: Policy) -> Floats:
    """Return the log loss of consolidated score times multipliers at each pitch, in nats.

    The policy's weights, consolidation and reinforcement are replayed; of verdicts the pair's own streak counts, rules
    are not replayed. NaN where no model with a weight has a score. Shape (pitches,).
    """
    weighted = [
        replace(model, weight=policy.models[model.name].weight if model.name in policy.models else 0.0)
        for model in past.models
    ]
    score = consolidate_forward(past.calibrated, weighted, policy.consolidation, len(past.pitches))
    multiplier = past.replay(score, policy.reinforcement).multiplier
    streak = np.ones(len(multiplier))
    if past.streaks is not None:
        settings = policy.reinforcement.streak
        streak = streak_multiplier(past.streaks.length, past.streaks.days, 0, settings.half_life_days, settings)
    return log_losses(past.pitches.won, score * multiplier * streak * clamp_factor(multiplier, streak))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutComparison:
    """A challenger compared with the champion on held-out weeks.

    `champion` and `challenger` are mean log losses in nats a pitch; `difference` is challenger minus champion, with
    a 95% interval clustered by contact: below 0 the challenger is better.
    """

    champion: float
    challenger: float
    difference: Estimate
    pitches: int
    contacts: int

    @property
    def better(self) -> bool:
        """Whether the whole interval lies below 0."""
        return bool(self.difference.high < 0)

    def not_worse(self, margin: float) -> bool:
        """Return whether the whole interval lies at or below a margin, in nats a pitch."""
        return bool(self.difference.high <= margin)

    def metrics(self) -> Mapping[str, float | None]:
        """Return the figures by name, None where one is not known."""
        named = {
            "held_out.champion_log_loss": self.champion,
            "held_out.challenger_log_loss": self.challenger,
            **{f"held_out.difference_{one.name}": getattr(self.difference, one.name) for one in fields(Estimate)},
            "held_out.pitches": float(self.pitches),
            "held_out.contacts": float(self.contacts),
        }
        return {name: float(value) if np.isfinite(value) else None for name, value in named.items()}

    def sentence(self) -> str:
        """Return the result as one sentence."""
        low, high = self.difference.low, self.difference.high
        return (
            f"on {self.pitches:,} held-out pitches the challenger's log loss is {self.challenger:.5f}, the champion's "
            f"{self.champion:.5f}: difference {self.difference.value:+.5f}, 95% interval {low:+.5f} to {high:+.5f}"
        )


def compare_held_out(
    past: ReplayInput, champion: Policy, challenger: Policy, held_out_ms: int, seed: int = 0
) -> HeldOutComparison:
    """Compare two policies on the pitches from `held_out_ms` on; both are replayed from the beginning."""
    old, new = replay_losses(past, champion), replay_losses(past, challenger)
    compared = (past.pitches.at_ms >= held_out_ms) & ~np.isnan(old) & ~np.isnan(new)
    contact = past.pitches.contact[compared]
    count = int(compared.sum())
    return HeldOutComparison(
        champion=float(old[compared].mean()) if count else np.nan,
        challenger=float(new[compared].mean()) if count else np.nan,
        difference=bootstrap_mean(contact, new[compared] - old[compared], seed=seed),
        pitches=count,
        contacts=len(np.unique(contact)),
    )
