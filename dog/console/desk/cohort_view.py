"""Cohorts as a chart and as rows of a table."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel import dates

from dog.console.chart import Axis, Chart, Series, share_line
from dog.console.texts import _, day, locale
from dog.core.learning.pitch_cohorts import Cohort
from dog.services.desk.pitch_figures import group_days, spans_months
from dog.services.pairs.week_figures import NO_PROPORTION, proportion

FEWEST = 5
"""A cohort of fewer pitches has no interval in the chart: it would cover the others."""


def draw_cohorts(days: Mapping[date, Cohort]) -> Chart:
    """Draw the share won of each cohort with its interval, what is expected, and which are open."""
    cohorts, names = list(group_days(days).values()), _names(days)
    shares = [proportion(one.won, one.pitches) if one.pitches >= FEWEST else NO_PROPORTION for one in cohorts]
    band = Series(
        name=_("pitches still open"), kind="band", look="light", y=[1.0 if one.open else None for one in cohorts]
    )
    rates = [one.expected_rate for one in cohorts]
    expected = Series(name=_("expected by the models"), kind="line", look="down", y=rates, dots=True)
    final = Series(
        name=_("final rate, estimated"), kind="line", look="quiet", y=[one.final_rate for one in cohorts], dots=True
    )
    return Chart(
        label=_("Share of pitches won, by the time of the pitch"),
        series=[band, *([expected] if any(expected.y) else []), final, share_line(_("won so far"), shares, "up")],
        left=Axis("share", _("share of pitches")),
        names=names,
        title=_("month of the pitch") if spans_months(days) else _("week of the pitch, from Monday"),
    )


def describe_cohorts(days: Mapping[date, Cohort]) -> list[tuple[str, Cohort, Any]]:
    """Return name, counts and share won of each cohort, newest first."""
    rows = zip(_names(days), group_days(days).values(), strict=True)
    return [(name, cohort, proportion(cohort.won, cohort.pitches)) for name, cohort in rows][::-1]


def _names(days: Mapping[date, Cohort]) -> list[str]:
    if spans_months(days):
        return [dates.format_skeleton("yMMM", first, locale=locale()) for first in group_days(days)]
    return [day(first) for first in group_days(days)]
