"""Charts as the data that assets/chart.js draws."""

import math

import orjson

from dog.console.chart import Axis, Series, chart, share_line
from dog.services.pairs.week_figures import proportion


def test_a_share_of_nothing_breaks_the_line() -> None:
    line = share_line("win rate", [proportion(0, 0), proportion(1, 2)], "up")

    assert line.y[0] is None
    assert line.y[1] == 0.5
    assert line.low is not None
    assert not math.isnan(line.low[1] or 0)


def test_a_single_series_needs_no_legend() -> None:
    bars = Series(name="pairs", kind="bars", look="pale", y=[1, 2])
    one = chart("label", [bars], Axis("count"), names=["a", "b"])
    two = chart("label", [bars, bars], Axis("count"), Axis("share"), names=["a", "b"])

    assert one.children[1] is None
    assert len(two.children[1].children) == 2
    drawn = orjson.loads(two.children[0].to_plotly_json()["props"]["data-chart"])
    assert drawn["x"]["names"] == ["a", "b"]
    assert drawn["right"]["unit"] == "share"
