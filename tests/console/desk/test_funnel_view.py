"""The funnel's table: an unknown choice becomes the first, the largest rows come first."""

from dataclasses import replace
from datetime import date

import pytest

from dog.console.console_app import create_console
from dog.console.desk.funnel_view import MOST_ROWS, describe_funnel
from dog.core.learning.pitch_cohorts import Cohort
from dog.services.desk.desk_reader import DeskFigures
from dog.services.desk.list_funnel import DIMENSIONS, ListFunnel, Stages
from dog.services.desk.pitch_figures import GROUPS, WINDOWS, PitchFigures
from dog.services.pairs.week_figures import NO_PROPORTION
from dog.services.runtime import Runtime

STAGES = {"": Stages(listed=1), **{f"m{n}": Stages(listed=n, pitched=2, won=1) for n in range(2, 40)}}
COHORTS = {"gold": Cohort(pitches=3, won=1), "iron": Cohort(pitches=4)}
NOT_KNOWN = {name: {"": Stages(listed=1)} for name in DIMENSIONS}
FIGURES = DeskFigures(
    version=None,
    lists_this_week={},
    accepts=NO_PROPORTION,
    pitches=PitchFigures(
        as_of_ms=0, days={date(2026, 11, 2): Cohort()}, windows={one: dict.fromkeys(GROUPS, COHORTS) for one in WINDOWS}
    ),
    funnel=ListFunnel(lists=1, is_sample=False, total=Stages(listed=9), by=dict.fromkeys(DIMENSIONS, STAGES)),
    moves=(),
)


@pytest.mark.parametrize(
    ("by", "span", "chosen"),
    [
        (None, None, ("model", "month")),
        ("segment", "quarter", ("segment", "quarter")),
        ("model", "quarter", ("channel", "quarter")),
        ("<b>", "year", ("model", "month")),
    ],
)
def test_an_unknown_choice_becomes_the_first(
    by: str | None, span: str | None, chosen: tuple[str, str], runtime: Runtime
) -> None:
    with create_console(runtime).test_request_context():
        found = describe_funnel(FIGURES, {}, by, span)

    assert (found["by"], found["span"]) == chosen


def test_the_largest_rows_come_first(runtime: Runtime) -> None:
    with create_console(runtime).test_request_context():
        stages = describe_funnel(FIGURES, {}, "model", "month")["rows"]
        cohorts = describe_funnel(FIGURES, {"gold": "Gold"}, "product", "quarter")["rows"]

    assert len(stages) == MOST_ROWS
    assert (stages[0][0], stages[0][2].value) == ("m39", 0.5)
    assert [name for name, _, _ in cohorts] == ["iron", "Gold"]


def test_values_that_are_not_known_have_a_name(runtime: Runtime) -> None:
    with create_console(runtime).test_request_context():
        few = describe_funnel(replace(FIGURES, funnel=replace(FIGURES.funnel, by=NOT_KNOWN)), {}, "channel", None)

    assert few["rows"][0][0] == "not known"
