"""Which channel and which time win: wins by each value against those expected had all values won alike.

Notation: W wins and N resolved pitches by one value, E the sum of their calibrated scores when they were made. Within a
segment (or a contact) the expected wins are scaled so that over all values they are as many as the wins: a value is
compared with the other values, and what is wrong with the scores as a whole cancels out.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum, log, sqrt
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np

from dog.core.kernels.explore_pairs import PAIR_STRENGTH
from dog.core.learning.expected_wins import PRODUCT_STRENGTH

LEAD = 1.5
"""Standard deviations of chance by which a value must be ahead of the default to replace it."""
HALF_A_WIN = 0.5
"""Added to a count whose logarithm is judged (Anscombe 1956): a single win never decides."""

Value = TypeVar("Value", bound=Hashable)


class ValueTally(NamedTuple):
    """What was pitched by one value of an attribute, and the result."""

    wins: float
    pitches: float  # resolved ones; pending ones in part
    expected: float  # their calibrated scores, summed
    weeks: int = 1  # in which it was used


class ValueRatio(NamedTuple):
    """One value compared with the other values."""

    wins: float
    pitches: float
    expected: float  # wins, had all values won alike
    ratio: float
    chance: float  # variance of the ratio's logarithm where there is no difference


def segment_ratios(tallies: Mapping[Value, ValueTally]) -> dict[Value, ValueRatio]:
    """Return r_s = (5 + f W) / (5 + f e) of each value in one segment, with e = E sum(W) / sum(E), f = 1 / (1 + e / T).

    T is the number of weeks in which the value was used: a week teaches at most about one expected win.

    Examples
    --------
    >>> found = segment_ratios({"email": ValueTally(6, 60, 6.0, 8), "call": ValueTally(6, 20, 2.0, 8)})
    >>> round(found["call"].expected, 6), round(found["call"].ratio, 6), round(found["email"].ratio, 6)
    (3.0, 1.303797, 0.847134)

    """
    return _compare(tallies, PRODUCT_STRENGTH, by_weeks=True)


def contact_ratios(tallies: Mapping[Value, ValueTally]) -> dict[Value, ValueRatio]:
    """Return r_c = (2 + W) / (2 + x) of each value for one contact, with x = min(N, E sum(W) / sum(E)).

    Each score in E is multiplied by r_s of its value before it is summed: the contact is compared with its segment.

    Examples
    --------
    >>> found = contact_ratios({"email": ValueTally(0, 5, 0.5), "call": ValueTally(2, 2, 0.2)})
    >>> round(found["call"].ratio, 6), round(found["email"].ratio, 6)
    (1.555556, 0.583333)

    """
    return _compare(tallies, PAIR_STRENGTH, by_weeks=False)


def _compare(tallies: Mapping[Value, ValueTally], strength: float, *, by_weeks: bool) -> dict[Value, ValueRatio]:
    all_expected = fsum(tally.expected for tally in tallies.values())
    level = fsum(tally.wins for tally in tallies.values()) / all_expected if all_expected > 0 else 1.0
    found = {}
    for value, tally in tallies.items():
        expected = min(tally.pitches, level * tally.expected)
        damping = 1.0 / (1.0 + expected / max(tally.weeks, 1)) if by_weeks else 1.0
        prior = strength + damping * expected
        ratio = (strength + damping * tally.wins) / prior
        chance = (damping * expected + HALF_A_WIN) / prior**2
        found[value] = ValueRatio(tally.wins, tally.pitches, expected, ratio, chance)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRecords:
    """What is known of the values of one attribute for one contact; empty where nothing is."""

    segment: Mapping[str, ValueRatio]
    contact: Mapping[str, ValueRatio]
    trust: tuple[float, float]  # in segments and in contacts, 0 to 1

    def factor(self, value: str) -> float:
        """Return r_s^t1 r_c^t2; 1 where nothing is known."""
        return exp(self._log_factor(value))

    def in_order(self, values: Sequence[str]) -> list[str]:
        """Return the values, best first: the first given stays first unless another is ahead by more than chance.

        Examples
        --------
        >>> tallies = {"email": ValueTally(30, 300, 30.0, 26), "call": ValueTally(60, 300, 30.0, 26)}
        >>> known = ValueRecords(segment=segment_ratios(tallies), contact={}, trust=(0.5, 0.5))
        >>> known.in_order(["email", "post", "call"])
        ['call', 'email', 'post']
        >>> known.in_order(["email", "post"])
        ['email', 'post']

        """
        left, ordered = list(values), []
        while left:
            ahead = [value for value in left[1:] if self._leads(value, left[0])]
            best = max(ahead, key=self._log_factor, default=left[0])
            ordered.append(best)
            left.remove(best)
        return ordered

    def _leads(self, value: str, other: str) -> bool:
        """Return whether a value is ahead of another, and in the segment or the contact by more than chance."""
        if self._log_factor(value) <= self._log_factor(other):
            return False
        levels = zip(self.trust, (self.segment, self.contact), (PRODUCT_STRENGTH, PAIR_STRENGTH), strict=True)
        return any(trust > 0 and _beyond_chance(known, value, other, prior) for trust, known, prior in levels)

    def _log_factor(self, value: str) -> float:
        levels = zip(self.trust, (self.segment, self.contact), strict=True)
        return fsum(trust * log(known[value].ratio) for trust, known in levels if value in known)


def _beyond_chance(known: Mapping[str, ValueRatio], value: str, other: str, strength: float) -> bool:
    """Return whether a value's ratio exceeds another's by `LEAD` deviations of chance; not before it was tried."""
    if value not in known:
        return False
    one, two = known[value], known.get(other, ValueRatio(0.0, 0.0, 0.0, 1.0, HALF_A_WIN / strength**2))
    return log(one.ratio) - log(two.ratio) > LEAD * sqrt(one.chance + two.chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedValues:
    """What a version holds of one attribute: the values' ratios by segment, and how to read the records of contacts."""

    segments: Mapping[str, Mapping[str, ValueRatio]]
    names: Mapping[int, str]  # of the values, by their numbers
    trust: tuple[float, float]

    @classmethod
    def read(cls, described: Mapping[str, Any], fixed_trust: tuple[float, float] | None) -> Self:
        """Read a version's description; `fixed_trust` is what the policy states in place of the learned one."""
        tallies = {
            segment: {value: ValueTally(*tally) for value, tally in by_value.items()}
            for segment, by_value in described["segments"].items()
        }
        return cls(
            segments={segment: segment_ratios(of_values) for segment, of_values in tallies.items()},
            names={number: value for value, number in described["numbers"].items()},
            trust=fixed_trust or (described["trust"]["segment"], described["trust"]["contact"]),
        )

    def of(self, segment: str, own: np.ndarray) -> ValueRecords:
        """Return what is known for a contact; `own` are its records of `VALUE_COUNTS` of this attribute."""
        tallies = {
            self.names[number]: ValueTally(wins, pitches, expected)
            for _, number, wins, pitches, expected in own.tolist()
            if number in self.names
        }
        return ValueRecords(segment=self.segments.get(segment, {}), contact=contact_ratios(tallies), trust=self.trust)
