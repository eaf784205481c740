"""Charts as the values that templates/chart.html and static/chart.js show."""

import math

import orjson
from flask import get_template_attribute

from dog.console.chart import Axis, Chart, Series, in_unit, share_line
from dog.console.console_app import create_console
from dog.services.pairs.week_figures import proportion
from dog.services.runtime import Runtime

BARS = Series(name="pairs", kind="bars", look="pale", y=[1, 2])
SHARES = Series(name="won", kind="line", look="up", y=[None, 0.25], low=[None, 0.1], high=[None, 0.4], side="right")
OPEN = Series(name="open", kind="band", look="light", y=[None, 1])
BOTH = Chart(label="label", series=[OPEN, BARS, SHARES], left=Axis("count"), right=Axis("share"), names=["a", "<b>"])


def test_a_share_of_nothing_breaks_the_line() -> None:
    line = share_line("win rate", [proportion(0, 0), proportion(1, 2)], "up")

    assert line.y[0] is None
    assert line.y[1] == 0.5
    assert line.low is not None
    assert not math.isnan(line.low[1] or 0)


def test_a_single_series_needs_no_legend() -> None:
    assert Chart(label="label", series=[BARS], left=Axis("count"), names=["a", "b"]).legend == []
    assert BOTH.legend[2] == ("key stroke up", "won")


def test_the_data_of_a_chart_name_its_places_and_axes() -> None:
    drawn = orjson.loads(BOTH.data)

    assert drawn["x"]["names"] == ["a", "<b>"]
    assert drawn["right"]["unit"] == "share"


def test_numbers_stand_in_a_table_by_name() -> None:
    assert BOTH.table == [["a", "", "1", ""], ["<b>", "✓", "2", "25.0 % (10.0 % – 40.0 %)"]]


def test_a_chart_over_numbers_has_no_table() -> None:
    assert Chart(label="label", series=[BARS], left=Axis("count")).table == []


def test_a_value_is_written_in_the_unit_of_its_axis() -> None:
    assert in_unit(0.079, "share") == "7.9 %"
    assert in_unit(1.25, "times") == "×1.25"
    assert in_unit(4321.4, "count") == "4,321"


def test_the_macro_shows_chart_legend_and_table_and_escapes_names(runtime: Runtime) -> None:
    with create_console(runtime).test_request_context():
        text = str(get_template_attribute("chart.html", "figure")(BOTH))

    assert 'data-label="label"' in text
    assert "As a table" in text
    assert '<span class="key block light">' in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
