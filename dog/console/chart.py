"""Charts as data; assets/chart.js draws them as SVG and is a hundredth of a plotting library's size."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import orjson
from dash import html

from dog.services.pairs.week_figures import Proportion

Unit = Literal["share", "times", "count", "plain"]
Kind = Literal["line", "bars", "crosses"]
KEYS: dict[Kind, str] = {"line": "stroke", "bars": "block", "crosses": "cross"}
Look = Literal["up", "down", "pale", "quiet", "fault", "up thin", "down thin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line, row of bars or set of crosses."""

    name: str
    kind: Kind
    look: Look
    y: Sequence[float | None]  # None: unknown, the line is broken there
    x: Sequence[float] | None = None  # not needed if the axis has names
    low: Sequence[float | None] | None = None  # bounds of an interval around each y
    high: Sequence[float | None] | None = None
    side: Literal["left", "right"] = "left"
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """A vertical axis; it begins at 0."""

    unit: Unit
    title: str = ""
    top: float | None = None  # default: the largest value


def share_line(name: str, shares: Sequence[Proportion], look: Look) -> Series:
    """Return shares as a line with their 95% intervals, broken where a share is unknown."""

    def known(value: float) -> float | None:
        return None if math.isnan(value) else value

    values, lows, highs = zip(*((known(one.value), known(one.low), known(one.high)) for one in shares), strict=True)
    return Series(name=name, kind="line", look=look, y=values, low=lows, high=highs, dots=True)


def chart(
    label: str,
    series: Sequence[Series],
    left: Axis,
    right: Axis | None = None,
    *,
    names: Sequence[str] | None = None,
    span: tuple[float, float] = (0.0, 1.0),
    title: str = "",
    lines: Sequence[dict[str, float]] = (),
    height: int = 260,
) -> Any:
    """Show a chart with its legend; series are drawn in order, the first behind the others.

    `label` is for screen readers. The horizontal axis has a `title`, and `names` or numbers over `span`. `lines` are
    levels to draw, each `{"x": value}` or `{"y": value}`; `height` is in pixels.
    """
    across = {"title": title, "names": names} if names is not None else {"title": title, "span": span}
    drawn = {"series": [asdict(one) for one in series], "x": across, "left": asdict(left), "lines": list(lines)}
    if right is not None:
        drawn["right"] = asdict(right)
    data = {"data-chart": orjson.dumps(drawn).decode(), "data-label": label}
    entries = [html.Li([html.Span(className=f"key {KEYS[one.kind]} {one.look}"), one.name]) for one in series]
    picture = html.Div(className="chart", style={"height": f"{height}px"}, **data)
    legend = html.Ul(entries, className="legend", **{"aria-hidden": "true"}) if len(series) > 1 else None
    return html.Figure([picture, legend], className="figured")
