"""The proof gate: does one way of scoring rank better than another, on contacts that it was not fitted to."""

from dataclasses import asdict, dataclass
from math import inf, sqrt
from typing import Any

import numpy as np

from dog.models.start.taste import Floats

LOST_NDCG = 0.002
"""Loss of NDCG at ten that counts as none."""
NORMAL_QUANTILE = 1.959964
LEAST_CONTACTS = 50
"""With fewer contacts nothing is proved."""


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


def compare(challenger: tuple[Floats, Floats], base: tuple[Floats, Floats]) -> Verdict:
    """Compare two ways of scoring by their NDCG and AUC of the same episodes, one a contact, shape (episodes,) each."""
    return Verdict(
        contacts=len(base[0]),
        base_ndcg=Interval.of(base[0]).mean,
        base_auc=Interval.of(base[1]).mean,
        ndcg=Interval.of(challenger[0] - base[0]),
        auc=Interval.of(challenger[1] - base[1]),
    )
