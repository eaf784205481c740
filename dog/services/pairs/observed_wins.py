"""Wins observed against the wins that the models expected, by product, over all settled pitches of a version."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.learning.evidence import counted_evidence
from dog.core.learning.reinforcement import trust_of
from dog.services.pairs.pair_table import PairTable
from dog.storage.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedWins:
    """What became of a product's settled pitches."""

    product_id: str
    name: str
    pitches: int
    wins: int
    expected: float  # sum of the scores when pitched
    ratio: float  # wins to expected wins that the multipliers are made from: shrunk, after what faded
    boost: float  # what that multiplies the odds by, with the trust in products

    @property
    def surprise(self) -> float:
        """How far the wins are from those expected, in standard deviations of a count."""
        return (self.wins - self.expected) / np.sqrt(max(self.expected, 1.0))


def compare_products(table: PairTable, catalogue: Catalogue) -> Sequence[ObservedWins]:
    """Compare the wins of each product that has settled pitches with those expected, the largest surprise first."""
    counted, priors = counted_evidence(table.pairs), table.multipliers.priors
    count = len(catalogue.ids)
    product = np.minimum(table.pairs["product"].astype(np.int64), count)  # one more, for products no longer known
    sums = [
        np.bincount(product, weights=values, minlength=count + 1)
        for values in (counted.pitches, counted.wins, counted.expected_wins(priors.global_rate))
    ]
    trust = trust_of(priors, table.multipliers.settings)[0]
    found = []
    for place in np.flatnonzero(sums[0][:count] > 0).tolist():
        ratio = float(priors.product_ratios[min(place, len(priors.product_ratios) - 1)])
        found.append(
            ObservedWins(
                product_id=catalogue.ids[place],
                name=catalogue.name_of(catalogue.ids[place]),
                pitches=int(sums[0][place]),
                wins=int(sums[1][place]),
                expected=float(sums[2][place]),
                ratio=ratio,
                boost=ratio**trust,
            )
        )
    return sorted(found, key=lambda one: (-abs(one.surprise), one.product_id))
