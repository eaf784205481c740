"""The difference between what two policies would have won on the same log."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.offline.off_policy.estimators import Logged, Target, default_clip, terms_of
from dog.offline.off_policy.policy_value import VALUE_REPLICATES, PolicyValue, estimate_value, ratio, sum_by_contact
from dog.offline.statistics.intervals import Estimate, contact_weights, percentiles

COMPARED_METHODS = ("snips", "dr")
DECIDING_METHOD = "dr"
TOLERATED_LOSS = 0.05
"""Share of the champion's value by which a challenger may be worse and still count as at least as good."""


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """Values of champion and challenger per row, and challenger minus champion by method, intervals over contacts."""

    champion: PolicyValue
    challenger: PolicyValue
    differences: Mapping[str, Estimate]

    @property
    def not_worse(self) -> bool:
        """Whether the whole interval lies above minus `TOLERATED_LOSS` of the champion's value."""
        return bool(
            self.differences[DECIDING_METHOD].low >= -TOLERATED_LOSS * self.champion.estimates[DECIDING_METHOD].value
        )

    @property
    def worse(self) -> bool:
        """Whether the whole interval lies below 0."""
        return bool(self.differences[DECIDING_METHOD].high < 0)

    def metrics(self) -> dict[str, float | None]:
        """Return the figures by name, None where one is not known."""
        named = {
            "logged.champion_value": self.champion.estimates[DECIDING_METHOD].value,
            "logged.challenger_value": self.challenger.estimates[DECIDING_METHOD].value,
            "logged.rows": float(self.champion.rows),
            "logged.contacts": float(self.champion.contacts),
        }
        for method, found in self.differences.items():
            of = (("value", found.value), ("low", found.low), ("high", found.high))
            named |= {f"logged.{method}_{name}": number for name, number in of}
        return {name: float(number) if np.isfinite(number) else None for name, number in named.items()}

    def sentence(self) -> str:
        """Return the result as one sentence."""
        doubly, normalized = self.differences["dr"], self.differences["snips"]
        return (
            f"on {self.champion.rows:,} logged items with propensities the challenger would have won "
            f"{self.challenger.estimates[DECIDING_METHOD].value:.4f} an item, the champion "
            f"{self.champion.estimates[DECIDING_METHOD].value:.4f}: difference {_span(doubly)} doubly robust, "
            f"{_span(normalized)} by SNIPS"
        )


def _span(found: Estimate) -> str:
    return f"{found.value:+.4f} (95% interval {found.low:+.4f} to {found.high:+.4f})"


def compare_values(
    contact: NDArray[np.int64], logged: Logged, champion: Target, challenger: Target, seed: int = 0
) -> ValueDifference:
    """Compare two policies on a log; the same resampled contacts are used for both.

    `contact` numbers each row's contact, shape (rows,). Raises `NotReady` where the log cannot tell the value of one of
    them; the message says what is missing.
    """
    values = [estimate_value(contact, logged, of, seed=seed) for of in (champion, challenger)]
    number, position = np.unique(contact, return_inverse=True)
    clip = default_clip(len(contact))
    sums = {
        method: [sum_by_contact(terms_of(method, logged, of, clip), position) for of in (champion, challenger)]
        for method in COMPARED_METHODS
    }
    drawn: dict[str, list[float]] = {method: [] for method in COMPARED_METHODS}
    for times in contact_weights(len(number), VALUE_REPLICATES, seed):
        for method, (old, new) in sums.items():
            drawn[method].append(ratio(new, times) - ratio(old, times))
    differences = {
        method: Estimate(
            values[1].estimates[method].value - values[0].estimates[method].value, *percentiles(np.array(drawn[method]))
        )
        for method in COMPARED_METHODS
    }
    return ValueDifference(champion=values[0], challenger=values[1], differences=differences)
