"""Cohorts as a chart and a table."""

from datetime import date

import pytest

from dog.console.console_app import create_console
from dog.console.desk.cohort_view import describe_cohorts, draw_cohorts
from dog.core.learning.pitch_cohorts import Cohort
from dog.services.runtime import Runtime

OLD = Cohort(pitches=20, won=5, lost=15, expected=4.0, scored=20)
YOUNG = Cohort(pitches=4, won=1, lost=1, to_come=1.0)
WEEKS = {date(2026, 11, 3): OLD, date(2026, 11, 12): YOUNG}


def test_open_cohorts_are_shaded_and_young_ones_have_no_interval(runtime: Runtime) -> None:
    with create_console(runtime).test_request_context():
        band, expected, final, won = draw_cohorts(WEEKS).series

    assert band.y == [None, 1.0]
    assert expected.y == [0.2, None]
    assert final.y == [0.25, 0.5]
    assert won.y == [0.25, None]


def test_rows_are_newest_first_with_the_share_won_of_all_pitches(runtime: Runtime) -> None:
    with create_console(runtime).test_request_context():
        rows = describe_cohorts(WEEKS)

    assert [(name, cohort) for name, cohort, _ in rows] == [("9 Nov", YOUNG), ("2 Nov", OLD)]
    assert rows[0][2].value == 0.25


@pytest.mark.parametrize(("first", "name"), [(date(2026, 9, 7), "7 Sept"), (date(2025, 9, 7), "Sept 2025")])
def test_cohorts_are_named_by_week_or_month(first: date, name: str, runtime: Runtime) -> None:
    with create_console(runtime).test_request_context():
        assert describe_cohorts({first: OLD, date(2026, 11, 12): YOUNG})[-1][0] == name
