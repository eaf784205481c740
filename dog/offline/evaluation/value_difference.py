"""What one policy would have won more than another, on the same log."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.offline.evaluation.intervals import Estimate, contact_weights, percentiles
from dog.offline.evaluation.off_policy import Logged, Target, default_clip, terms_of
from dog.offline.evaluation.policy_value import REPLICATES, PolicyValue, estimate_value, ratio, sum_by_contact

METHODS = ("snips", "dr")
DECIDING = "dr"
WORSE_SHARE = 0.05
"""Share of the champion's value by which a challenger that is at least as good may be worse at the most."""


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """A challenger beside the champion on a log with propensities.

    Parameters
    ----------
    champion, challenger
        What either would have won a row.
    differences
        Challenger minus champion by method, intervals over contacts.

    """

    champion: PolicyValue
    challenger: PolicyValue
    differences: Mapping[str, Estimate]

    @property
    def not_worse(self) -> bool:
        """Whether the whole interval lies above a small share of the champion's value below 0."""
        return bool(self.differences[DECIDING].low >= -WORSE_SHARE * self.champion.estimates[DECIDING].value)

    @property
    def worse(self) -> bool:
        """Whether the whole interval lies below 0."""
        return bool(self.differences[DECIDING].high < 0)

    def metrics(self) -> dict[str, float | None]:
        """Write it as numbers by name, None where one is not known."""
        named = {
            "logged.champion_value": self.champion.estimates[DECIDING].value,
            "logged.challenger_value": self.challenger.estimates[DECIDING].value,
            "logged.rows": float(self.champion.rows),
            "logged.contacts": float(self.champion.contacts),
        }
        for method, found in self.differences.items():
            of = (("value", found.value), ("low", found.low), ("high", found.high))
            named |= {f"logged.{method}_{name}": number for name, number in of}
        return {name: float(number) if np.isfinite(number) else None for name, number in named.items()}

    def sentence(self) -> str:
        """Say it in one sentence."""
        doubly, normalized = self.differences["dr"], self.differences["snips"]
        return (
            f"on {self.champion.rows:,} logged items with propensities the challenger would have won "
            f"{self.challenger.estimates[DECIDING].value:.4f} an item, the champion "
            f"{self.champion.estimates[DECIDING].value:.4f}: difference {_span(doubly)} doubly robust, "
            f"{_span(normalized)} by SNIPS"
        )


def _span(found: Estimate) -> str:
    return f"{found.value:+.4f} (95% interval {found.low:+.4f} to {found.high:+.4f})"


def compare_values(
    contact: NDArray[np.int64], logged: Logged, champion: Target, challenger: Target, seed: int = 0
) -> ValueDifference:
    """Compare two policies on a log, contacts drawn whole and the same for both.

    Parameters
    ----------
    contact
        Number of each row's contact, shape (rows,).
    logged, champion, challenger
        The log, and what either policy would have done.
    seed
        The same seed and log give the same intervals.

    Raises
    ------
    NotReady
        The log cannot tell what one of them is worth; the message says what is missing.

    """
    values = [estimate_value(contact, logged, of, seed=seed) for of in (champion, challenger)]
    number, position = np.unique(contact, return_inverse=True)
    clip = default_clip(len(contact))
    sums = {
        method: [sum_by_contact(terms_of(method, logged, of, clip), position) for of in (champion, challenger)]
        for method in METHODS
    }
    drawn: dict[str, list[float]] = {method: [] for method in METHODS}
    for times in contact_weights(len(number), REPLICATES, seed):
        for method, (old, new) in sums.items():
            drawn[method].append(ratio(new, times) - ratio(old, times))
    differences = {
        method: Estimate(
            values[1].estimates[method].value - values[0].estimates[method].value, *percentiles(np.array(drawn[method]))
        )
        for method in METHODS
    }
    return ValueDifference(values[0], values[1], differences)
