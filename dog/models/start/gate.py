"""The proof gate: does one way of scoring rank better than another, on contacts that it was not fitted to."""

from dataclasses import asdict, dataclass
from math import inf, sqrt
from typing import Any

import numpy as np

from dog.models.start.episodes import EpisodeQuality
from dog.models.start.taste import Floats

LOST_NDCG = 0.002
"""Loss of NDCG at ten that counts as none."""
NORMAL_QUANTILE = 1.959964
LEAST_CONTACTS = 50
"""With fewer contacts nothing is proved."""


def finite_mean(values: Floats) -> float:
    """Return the mean of the values that are known; 0 if none is.

    >>> finite_mean(np.array([1.0, np.nan, 2.0]))
    1.5

    """
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean over contacts with its 95% interval."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Floats) -> "Interval":
        """Return the mean of one value a contact, NaN left out; contacts are independent, their mean nearly normal."""
        known = values[np.isfinite(values)]
        if len(known) < 2:
            return cls(mean=0.0, low=-inf, high=inf)
        half = NORMAL_QUANTILE * float(known.std(ddof=1)) / sqrt(len(known))
        mean = float(known.mean())
        return cls(mean=mean, low=mean - half, high=mean + half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a comparison came to: gains of AUC and NDCG, and whether the challenger is switched on."""

    contacts: int
    base_ndcg: float
    base_auc: float
    ndcg: Interval
    auc: Interval

    @property
    def on(self) -> bool:
        """Whether the AUC is better for certain, and the NDCG not worse by more than `LOST_NDCG`."""
        return self.contacts >= LEAST_CONTACTS and self.auc.low > 0 and self.ndcg.low > -LOST_NDCG

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "on": self.on}


def compare(challenger: EpisodeQuality, base: EpisodeQuality) -> Verdict:
    """Compare two ways of scoring by the quality of their lists on the same episodes, at most one a contact."""
    return Verdict(
        contacts=len(base.auc),
        base_ndcg=finite_mean(base.ndcg),
        base_auc=finite_mean(base.auc),
        ndcg=Interval.of(challenger.ndcg - base.ndcg),
        auc=Interval.of(challenger.auc - base.auc),
    )
