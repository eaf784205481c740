"""What one prediction gains over another on the same pitches: ranking overall and inside a contact's week, log loss."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dog.offline.statistics.discrimination import Floats, draw_auc, rank
from dog.offline.statistics.intervals import (
    DEFAULT_REPLICATES,
    Clusters,
    Drawn,
    Estimate,
    bootstrap,
    bootstrap_mean,
    number,
)
from dog.offline.statistics.list_quality import list_qualities
from dog.offline.statistics.probabilities import log_losses

NEGLIGIBLE_AUC = 0.005
"""Change of an AUC that is ignored, however certain."""

UNKNOWN = Estimate()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is said of each pitch, shape (pitches,): what it is ranked by, and its chance of a win in [0, 1].

    They differ where a policy multiplies scores, so that they exceed 1. NaN where nothing is said.
    """

    order: Floats
    chance: Floats

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Prediction":
        """Select pitches by a mask or by positions; what is ranked by its chance stays one array."""
        order = self.order[chosen]
        return Prediction(order, order if self.chance is self.order else self.chance[chosen])


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreChange:
    """One prediction compared with another: new less old, intervals over contacts and, apart, over weeks.

    `auc` is over all pitches. `auc_within`, `ndcg_at_3` and `precision_at_1` are means over the `contact_weeks`, lists
    of what one contact was pitched in one week, that hold wins and losses. `log_loss` is in nats a pitch: below 0, the
    new prediction is better.
    """

    pitches: int
    contact_weeks: int
    auc: Estimate = UNKNOWN
    auc_within: Estimate = UNKNOWN
    ndcg_at_3: Estimate = UNKNOWN
    precision_at_1: Estimate = UNKNOWN
    log_loss: Estimate = UNKNOWN

    def ranks_better(self) -> bool:
        """Return whether a ranking is better and none is worse, by both intervals."""
        return not self.ranks_worse() and any(change.above(0) for _, change in self.rankings())

    def ranks_worse(self) -> bool:
        """Return whether a ranking is worse by more than 0.005, by both intervals."""
        return any(change.below(0) and change.value < -NEGLIGIBLE_AUC for _, change in self.rankings())

    def sentence(self) -> str:
        """Return all changes as one sentence."""
        return (
            f"AUC {self.auc.span()}, inside a contact's week {self.auc_within.span()}, NDCG@3 {self.ndcg_at_3.span()}, "
            f"precision@1 {self.precision_at_1.span()}, log loss {self.log_loss.span(4)}"
        )

    def rankings(self) -> Iterator[tuple[str, Estimate]]:
        """Yield the changes that judge a ranking, by name."""
        yield "AUC", self.auc
        yield "AUC inside a contact's week", self.auc_within
        yield "NDCG@3", self.ndcg_at_3


def number_contact_weeks(clusters: Clusters) -> NDArray[np.int64]:
    """Return the number of each list: all that one contact was pitched in one week; without weeks, in all."""
    contact, week = clusters.contacts[0].astype(np.int64), clusters.weeks[0]
    return number(contact if clusters.week is None else contact * clusters.weeks[1] + week)[0].astype(np.int64)


def compare_predictions(
    clusters: Clusters,
    wins: Floats,
    old: Prediction,
    new: Prediction,
    *,
    replicates: int = DEFAULT_REPLICATES,
    seed: int = 0,
) -> ScoreChange:
    """Compare two predictions on the pitches of which both say something.

    Examples
    --------
    >>> wins, contact = np.tile([1.0, 0.0], 30), np.repeat(np.arange(30), 2)
    >>> flat, wise = np.full(60, 0.5), np.where(wins > 0, 0.6, 0.4)
    >>> old, new = Prediction(flat, flat), Prediction(wise, wise)
    >>> found = compare_predictions(Clusters(contact, contact % 5), wins, old, new)
    >>> found.contact_weeks, found.auc.value, found.auc_within.value, round(found.log_loss.value, 3)
    (30, 0.5, 0.5, -0.182)

    """
    both = ~(np.isnan(old.order) | np.isnan(new.order) | np.isnan(old.chance) | np.isnan(new.chance))
    clusters, wins, old, new = clusters.where(both), wins[both], old.where(both), new.where(both)
    losses = log_losses(wins, new.chance) - log_losses(wins, old.chance)
    change = ScoreChange(
        pitches=len(wins), contact_weeks=0, log_loss=bootstrap_mean(clusters, losses, replicates, seed)
    )
    if not 0 < wins.sum() < len(wins):
        return change
    before, after = (rank(wins, one.order) for one in (old, new))
    lists = number_contact_weeks(clusters)
    (first_old, third_old), (first_new, third_new) = (
        list_qualities(lists, wins, one.order, (1, 3)) for one in (old, new)
    )
    of_list = clusters.where(first_old.first_row)

    def gain(before: Floats, after: Floats) -> Estimate:
        return bootstrap_mean(of_list, after - before, replicates, seed)

    def auc_change(drawn: Drawn) -> Floats:
        old_auc, new_auc = (draw_auc(one, drawn.position, drawn.times) for one in (before, after))
        return np.asarray(new_auc - old_auc)

    return replace(
        change,
        contact_weeks=len(of_list.contact),
        auc=bootstrap(clusters, auc_change, replicates, seed),
        auc_within=gain(first_old.auc, first_new.auc),
        ndcg_at_3=gain(third_old.ndcg, third_new.ndcg),
        precision_at_1=gain(first_old.precision, first_new.precision),
    )
