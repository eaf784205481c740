"""Trust in the memory of past cases, and whether it is used: learned and judged on pitches that it did not hold."""

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from dog.core.learning.trust import SlopeState
from dog.core.log_odds import expit
from dog.models.start.gate import LEAST_CONTACTS, LOST_NDCG, Interval
from dog.models.start.taste import Floats

PRIOR = 0.0
"""What trust is drawn towards: without proof the memory says nothing."""
STEPS = 8
FOLDS = 4
PLACES = 3
"""Best places of a contact's pitches that NDCG looks at."""
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPitches:
    """Settled pitches that the memory did not hold, shape (pitches,)."""

    contact: np.ndarray  # number of the contact
    offset: Floats  # log odds by models and records, as known when pitched
    log_ratio: Floats  # ln of the memory's ratio
    won: Floats  # 1 or 0

    def take(self, rows: np.ndarray) -> "JudgedPitches":
        """Return some of the pitches, by mask."""
        return JudgedPitches(
            contact=self.contact[rows], offset=self.offset[rows], log_ratio=self.log_ratio[rows], won=self.won[rows]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryVerdict:
    """What the memory came to: its trust, and the gains of odds x ratio^trust over the odds, per contact.

    NDCG and AUC are those inside the list of one contact's settled pitches, of contacts with both outcomes; the gain of
    log loss is of all contacts, above 0 where the loss is smaller.
    """

    contacts: int
    pitches: int
    trust: float
    ndcg: Interval
    auc: Interval
    log_loss: Interval

    @property
    def on(self) -> bool:
        """Whether NDCG is better on average and not worse by `LOST_NDCG`, and AUC or log loss better for certain."""
        kept = self.ndcg.mean > 0 and self.ndcg.low > -LOST_NDCG
        return self.contacts >= LEAST_CONTACTS and kept and (self.auc.low > 0 or self.log_loss.low > 0)

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "on": self.on}


def learn_memory_trust(pitches: JudgedPitches) -> float:
    """Return the slope of the outcome on ln ratio, offset given, within [0, 1]: the regression of `Trust`, prior 0.

    Examples
    --------
    >>> nothing = np.zeros(0)
    >>> learn_memory_trust(JudgedPitches(contact=nothing, offset=nothing, log_ratio=nothing, won=nothing))
    0.0

    """
    state, ones = SlopeState(slope=PRIOR), np.ones(len(pitches.won))
    for _ in range(STEPS):  # Newton steps, each from the value before
        start = SlopeState(intercept=state.intercept, slope=state.slope)
        state = start.update(pitches.log_ratio, pitches.offset, pitches.won, ones, prior=PRIOR)
    return state.slope


def judge_memory(pitches: JudgedPitches) -> MemoryVerdict:
    """Learn the trust, and judge on each fold of contacts what the other folds would have trusted."""
    numbers = np.unique(pitches.contact, return_inverse=True)[1]
    count = int(numbers.max(initial=-1)) + 1
    folds = (np.random.default_rng(SEED).permutation(count) % FOLDS)[numbers]
    scores = pitches.offset.copy()
    for fold in range(FOLDS):
        own = folds == fold
        scores[own] += learn_memory_trust(pitches.take(~own)) * pitches.log_ratio[own]
    before, after = (_list_quality(numbers, log_odds, pitches.won) for log_odds in (pitches.offset, scores))
    saved = _log_loss(pitches.offset, pitches.won) - _log_loss(scores, pitches.won)
    sizes = np.bincount(numbers, minlength=count)
    return MemoryVerdict(
        contacts=int(np.isfinite(before[0]).sum()),
        pitches=len(pitches.won),
        trust=learn_memory_trust(pitches),
        ndcg=Interval.of(after[0] - before[0]),
        auc=Interval.of(after[1] - before[1]),
        log_loss=Interval.of(np.bincount(numbers, saved, minlength=count) / np.maximum(sizes, 1)),
    )


def _log_loss(log_odds: Floats, won: Floats) -> Floats:
    chance = np.clip(expit(log_odds), 1e-9, 1 - 1e-9)
    return np.asarray(-np.log(np.where(won > 0, chance, 1 - chance)))


def _list_quality(numbers: np.ndarray, scores: Floats, won: Floats) -> tuple[Floats, Floats]:
    """Return NDCG at three and AUC of each contact's pitches; NaN where all were won, or all lost."""
    count = int(numbers.max(initial=-1)) + 1
    found = np.full((2, count), np.nan)
    order = np.lexsort((-scores, numbers))
    bounds = np.searchsorted(numbers[order], np.arange(count + 1)).tolist()
    gain = 1 / np.log2(np.arange(2, PLACES + 2))
    for contact, (first, end) in enumerate(pairwise(bounds)):
        own = order[first:end]
        hits, ranked = won[own] > 0, scores[own]
        wins = int(hits.sum())
        if 0 < wins < len(own):
            best = hits[:PLACES]
            ahead = np.sign(ranked[hits][:, None] - ranked[~hits])
            found[:, contact] = (
                best @ gain[: len(best)] / gain[: min(wins, PLACES)].sum(),
                (1 + ahead.mean()) / 2,
            )
    return found[0], found[1]
