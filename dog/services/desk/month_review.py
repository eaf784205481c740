"""How the last four weeks went, as figures: against the four weeks before, against the models, and where to look."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from dog.core.learning.pitch_cohorts import Cohort
from dog.services.desk.pitch_figures import PitchFigures
from dog.services.pairs.week_figures import proportion

ENOUGH_PITCHES = 30
"""A product, channel or segment with fewer pitches is not named."""
Trend = Literal["more", "less", "same"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRate:
    """A product, channel or segment with a rate and what that is compared with."""

    group: str
    value: str
    pitches: int
    rate: float
    other: float

    @property
    def gap(self) -> float:
        """How many wins more or less than at the other rate."""
        return (self.rate - self.other) * self.pitches


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReview:
    """The last four weeks; rates are final ones, estimated where pitches are open."""

    month: Cohort
    before: Cohort
    against_before: Trend | None  # None where there is nothing to compare with
    against_expected: Trend | None
    moved: GroupRate | None  # against the four weeks before
    look_at: GroupRate | None  # furthest below what the models expected


def review_month(figures: PitchFigures) -> MonthReview:
    """Compare the last four weeks."""
    month, before = figures.total("month"), figures.total("month_before")
    windows = figures.windows
    changes = list(_places(windows["month"], windows["month_before"]))
    shortfalls = [place for place in _shortfalls(windows["month"]) if is_off(place) and place.gap < 0]
    return MonthReview(
        month=month,
        before=before,
        against_before=compare(month, before.final_rate),
        against_expected=compare(month, month.expected_rate),
        moved=max(filter(is_off, changes), key=lambda place: abs(place.gap), default=None),
        look_at=min(shortfalls, key=lambda place: place.gap, default=None),
    )


def compare(cohort: Cohort, other: float | None) -> Trend | None:
    """Return whether a cohort's final rate lies above or below another rate, beyond its 95% interval.

    >>> compare(Cohort(pitches=100, won=30, lost=70), 0.1)
    'more'
    >>> compare(Cohort(pitches=10, won=1, lost=9), 0.12)
    'same'

    """
    if not cohort.pitches or other is None:
        return None
    found = proportion(cohort.final_wins, cohort.pitches)
    return "more" if other < found.low else "less" if other > found.high else "same"


def is_off(place: GroupRate) -> bool:
    """Return whether the rates of a place differ by more than chance explains."""
    return compare(Cohort(pitches=place.pitches, to_come=place.rate * place.pitches), place.other) != "same"


def _places(
    month: Mapping[str, Mapping[str, Cohort]], before: Mapping[str, Mapping[str, Cohort]]
) -> Iterator[GroupRate]:
    for group, cohorts in month.items():
        for value, cohort in cohorts.items():
            other = before[group].get(value, Cohort())
            if value and min(cohort.pitches, other.pitches) >= ENOUGH_PITCHES:
                yield _place(group, value, cohort, other.final_rate or 0.0)


def _shortfalls(month: Mapping[str, Mapping[str, Cohort]]) -> Iterator[GroupRate]:
    for group, cohorts in month.items():
        for value, cohort in cohorts.items():
            if value and cohort.pitches >= ENOUGH_PITCHES and cohort.expected_rate is not None:
                yield _place(group, value, cohort, cohort.expected_rate)


def _place(group: str, value: str, cohort: Cohort, other: float) -> GroupRate:
    rate = cohort.final_rate or 0.0
    return GroupRate(group=group, value=value, pitches=cohort.pitches, rate=rate, other=other)
