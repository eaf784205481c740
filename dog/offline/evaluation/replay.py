"""What a policy's settings would have predicted on the history: columns read once, settings tried by the hundred."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from dog.core.policy.policy import Policy
from dog.core.verdicts.streaks import streak_multiplier
from dog.offline.evaluation.discrimination import Floats
from dog.offline.evaluation.forward_multipliers import walk_weeks
from dog.offline.evaluation.forward_scores import ModelScores, pool
from dog.offline.evaluation.intervals import Estimate, bootstrap_mean
from dog.offline.evaluation.pitches import Pitches
from dog.offline.evaluation.probabilities import log_losses
from dog.offline.evaluation.verdict_runs import PairRuns
from dog.offline.evaluation.week_laps import WeekLaps


@dataclass(frozen=True, slots=True)
class Columns:
    """The history as arrays, whatever the settings.

    Parameters
    ----------
    pitches
        Resolved pitches in the order of their time.
    models, calibrated
        Each model and its probability at each pitch from what was known before it, NaN where it said nothing.
    week_starts_ms
        As `walk_weeks` takes them.
    product_count
        Products in the catalogue.
    runs
        Run of accepts or discards behind the pair at each pitch; None where verdicts are not known.
    laps
        Laps of the contacts by week; None where there were none.

    """

    pitches: Pitches
    models: Sequence[ModelScores]
    calibrated: Sequence[Floats]
    week_starts_ms: NDArray[np.int64]
    product_count: int
    runs: PairRuns | None = None
    laps: WeekLaps | None = None

    def before(self, at_ms: int) -> "Columns":
        """Take the pitches made before an instant, with what became of them."""
        return self._where(self.pitches.at_ms < at_ms)

    def of_contacts(self, most_pitches: int, seed: int) -> "Columns":
        """Draw whole contacts until there are about so many pitches; all of them where there are fewer."""
        if len(self.pitches) <= most_pitches:
            return self
        number, position = np.unique(self.pitches.contact, return_inverse=True)
        share = most_pitches / len(self.pitches)
        return self._where((np.random.default_rng(seed).random(len(number)) < share)[position])

    def _where(self, chosen: NDArray[np.bool_]) -> "Columns":
        pitches = self.pitches.where(chosen)
        pair = np.unique(pitches.pair, return_inverse=True)[1].reshape(-1).astype(np.int64)
        return replace(
            self,
            pitches=replace(pitches, pair=pair),
            calibrated=[one[chosen] for one in self.calibrated],
            runs=self.runs and self.runs.where(chosen),
        )


def replay(columns: Columns, policy: Policy) -> Floats:
    """Tell the log loss of consolidated score times multiplier at each pitch, as the weeks would have had it.

    Parameters
    ----------
    columns
        The history.
    policy
        Whose weights, consolidation and reinforcement to use. Of verdicts the pair's own streak counts; rules of the
        past are not replayed.

    Returns
    -------
    Log losses in nats, at least 0, shape (pitches,); NaN where no model of any weight says anything.

    """
    weighed = [
        replace(model, weight=policy.models[model.name].weight if model.name in policy.models else 0.0)
        for model in columns.models
    ]
    score = pool(columns.calibrated, weighed, policy.consolidation, len(columns.pitches))
    walked = walk_weeks(
        columns.pitches,
        score,
        columns.week_starts_ms,
        policy.reinforcement,
        columns.product_count,
        laps=columns.laps,
    )
    multiplier = walked.multiplier
    if columns.runs is not None:
        streak = policy.reinforcement.streak
        multiplier = multiplier * streak_multiplier(
            columns.runs.run, columns.runs.days, 0, streak.half_life_days, streak
        )
    return log_losses(columns.pitches.won, score * multiplier)


@dataclass(frozen=True, slots=True)
class Proof:
    """A challenger beside the champion on the weeks held out.

    Parameters
    ----------
    champion, challenger
        Mean log loss of either, nats a pitch.
    difference
        Challenger minus champion, with a 95% interval clustered by contact; below 0 the challenger is better.
    pitches, contacts
        How many were compared.

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
        """Tell whether the whole interval lies below a margin, in nats a pitch."""
        return bool(self.difference.high <= margin)

    def metrics(self) -> Mapping[str, float | None]:
        """Write it as numbers by name, None where one is not known."""
        named = {
            "held_out.champion_log_loss": self.champion,
            "held_out.challenger_log_loss": self.challenger,
            **{f"held_out.difference_{one.name}": getattr(self.difference, one.name) for one in fields(Estimate)},
            "held_out.pitches": float(self.pitches),
            "held_out.contacts": float(self.contacts),
        }
        return {name: float(value) if np.isfinite(value) else None for name, value in named.items()}

    def sentence(self) -> str:
        """Say it in one sentence."""
        low, high = self.difference.low, self.difference.high
        return (
            f"on {self.pitches:,} held-out pitches the challenger's log loss is {self.challenger:.5f}, the champion's "
            f"{self.champion:.5f}: difference {self.difference.value:+.5f}, 95% interval {low:+.5f} to {high:+.5f}"
        )


def prove(columns: Columns, champion: Policy, challenger: Policy, held_out_ms: int, seed: int = 0) -> Proof:
    """Compare two policies on the pitches made from an instant on, both walked forward from the beginning."""
    old, new = replay(columns, champion), replay(columns, challenger)
    compared = (columns.pitches.at_ms >= held_out_ms) & ~np.isnan(old) & ~np.isnan(new)
    contact = columns.pitches.contact[compared]
    difference = bootstrap_mean(contact, new[compared] - old[compared], seed=seed)
    count = int(compared.sum())
    means = (float(old[compared].mean()), float(new[compared].mean())) if count else (np.nan, np.nan)
    return Proof(*means, difference, count, len(np.unique(contact)))
