"""The last month in figures: compared beyond chance, with the place that stands out."""

from datetime import date

from dog.core.learning.pitch_cohorts import Cohort
from dog.services.desk.month_review import review_month
from dog.services.desk.pitch_figures import GROUPS, WINDOWS, PitchFigures


def figures(**windows: dict[str, Cohort]) -> PitchFigures:
    """Return figures whose windows have these segments, and nothing of products and channels."""
    return PitchFigures(
        as_of_ms=0,
        days={date(2026, 11, 2): Cohort()},
        windows={
            window: {group: windows.get(window, {}) if group == "segment" else {} for group in GROUPS}
            for window in WINDOWS
        },
    )


def settled(pitches: int, won: int, expected: float) -> Cohort:
    return Cohort(pitches=pitches, won=won, lost=pitches - won, expected=expected, scored=pitches)


def test_the_place_that_moved_and_the_place_below_expectations_are_named() -> None:
    review = review_month(
        figures(
            month={"gold": settled(200, 10, 30), "iron": settled(200, 60, 30), "few": settled(5, 0, 5)},
            month_before={"gold": settled(200, 12, 30), "iron": settled(200, 20, 30)},
        )
    )

    assert review.moved is not None
    assert review.look_at is not None
    assert (review.moved.value, review.moved.rate, review.moved.other) == ("iron", 0.3, 0.1)
    assert (review.look_at.value, review.look_at.rate, review.look_at.other) == ("gold", 0.05, 0.15)
    assert (review.against_before, review.against_expected) == ("more", "same")


def test_nothing_is_said_of_an_empty_month() -> None:
    review = review_month(figures())

    assert review.month == Cohort()
    assert (review.against_before, review.against_expected, review.moved, review.look_at) == (None,) * 4


def test_what_chance_explains_is_not_named() -> None:
    review = review_month(figures(month={"gold": settled(40, 5, 4)}, month_before={"gold": settled(40, 4, 4)}))

    assert (review.moved, review.look_at) == (None, None)
    assert review.against_before == "same"
