"""The difference between what two policies would have won on the same log."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from dog.offline.off_policy.estimators import Logged, Target, default_clip, terms_of
from dog.offline.off_policy.policy_value import PolicyValue, estimate_ratio, estimate_value
from dog.offline.statistics.intervals import Clusters, Estimate

COMPARED_METHODS = ("snips", "dr")
DECIDING_METHOD = "dr"
TOLERATED_LOSS = 0.05
"""Share of the champion's value by which a challenger may be worse and still count as at least as good."""


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """Values of champion and challenger per row, and challenger minus champion by method.

    Intervals are over contacts and, apart, over weeks; where the log has too few weeks, nothing is claimed.
    """

    champion: PolicyValue
    challenger: PolicyValue
    differences: Mapping[str, Estimate]

    @property
    def not_worse(self) -> bool:
        """Whether both intervals lie at or above minus `TOLERATED_LOSS` of the champion's value."""
        return self.differences[DECIDING_METHOD].at_least(
            -TOLERATED_LOSS * self.champion.estimates[DECIDING_METHOD].value
        )

    @property
    def worse(self) -> bool:
        """Whether both intervals lie below 0."""
        return self.differences[DECIDING_METHOD].below(0)

    def metrics(self) -> dict[str, float | None]:
        """Return the figures by name, None where one is not known."""
        named = {
            "logged.champion_value": self.champion.estimates[DECIDING_METHOD].value,
            "logged.challenger_value": self.challenger.estimates[DECIDING_METHOD].value,
            "logged.rows": float(self.champion.rows),
            "logged.contacts": float(self.champion.contacts),
        }
        for method, found in self.differences.items():
            named |= {f"logged.{method}_{name}": number for name, number in asdict(found).items()}
        return {name: float(number) if np.isfinite(number) else None for name, number in named.items()}

    def sentence(self) -> str:
        """Return the result as one sentence."""
        doubly, normalized = self.differences["dr"], self.differences["snips"]
        return (
            f"on {self.champion.rows:,} logged items with propensities the challenger would have won "
            f"{self.challenger.estimates[DECIDING_METHOD].value:.4f} an item, the champion "
            f"{self.champion.estimates[DECIDING_METHOD].value:.4f}: difference {doubly.span(4)} doubly robust, "
            f"{normalized.span(4)} by SNIPS"
        )


def compare_values(
    clusters: Clusters, logged: Logged, champion: Target, challenger: Target, seed: int = 0
) -> ValueDifference:
    """Compare two policies on a log; the same resampled contacts, and weeks, are used for both.

    `clusters` holds the contact of each row, and its week where known. Raises `NotReady` where the log cannot tell the
    value of one of them; the message says what is missing.
    """
    values = [estimate_value(clusters, logged, of, seed=seed) for of in (champion, challenger)]
    clip = default_clip(len(logged.reward))
    differences = {}
    for method in COMPARED_METHODS:
        old, new = (terms_of(method, logged, of, clip) for of in (champion, challenger))
        differences[method] = estimate_ratio(clusters, new, old, seed=seed)
    return ValueDifference(champion=values[0], challenger=values[1], differences=differences)
