"""Charts as values: templates/chart.html shows one, static/chart.js draws it as SVG."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

import orjson

from dog.console.texts import number, percent
from dog.services.pairs.week_figures import Proportion

Unit = Literal["share", "times", "count", "plain"]
Kind = Literal["line", "bars", "crosses", "band"]  # a band shades the full height where y is not None
KEYS: dict[Kind, str] = {"line": "stroke", "bars": "block", "crosses": "cross", "band": "block"}
Look = Literal["up", "down", "pale", "quiet", "fault", "light", "up thin", "down thin"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart with its legend; series are drawn in order, the first behind the others.

    The horizontal axis has a `title`, and `names` or numbers over `span`.
    """

    label: str  # for screen readers
    series: Sequence[Series]
    left: Axis
    right: Axis | None = None
    names: Sequence[str] | None = None
    span: tuple[float, float] = (0.0, 1.0)
    title: str = ""
    lines: Sequence[Mapping[str, float]] = field(default_factory=tuple)  # levels, each {"x": value} or {"y": value}
    tall: bool = False

    @property
    def data(self) -> str:
        """Return what static/chart.js draws, as JSON."""
        across = {"span": self.span} if self.names is None else {"names": self.names}
        drawn = {
            "series": [asdict(one) for one in self.series],
            "x": {"title": self.title} | across,
            "left": asdict(self.left),
            "lines": self.lines,
        }
        return orjson.dumps(drawn if self.right is None else drawn | {"right": asdict(self.right)}).decode()

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Return the CSS classes and the name of each entry; none for a single series."""
        entries = [(f"key {KEYS[one.kind]} {one.look}", one.name) for one in self.series]
        return entries if len(entries) > 1 else []

    @property
    def table(self) -> list[list[str]]:
        """Return the numbers as text, a row for each name, a column for each series; empty without names."""
        return [[name, *(self._cell(one, place) for one in self.series)] for place, name in enumerate(self.names or ())]

    def _cell(self, series: Series, place: int) -> str:
        value = series.y[place]
        if value is None:
            return ""
        if series.kind == "band":
            return "✓"
        axis = self.left if series.side == "left" else self.right
        unit: Unit = axis.unit if axis else "plain"
        low, high = (bounds[place] if bounds else None for bounds in (series.low, series.high))
        reach = "" if low is None or high is None else f" ({in_unit(low, unit)} – {in_unit(high, unit)})"
        return in_unit(value, unit) + reach


def in_unit(value: float, unit: Unit) -> str:
    """Write a value of an axis: 12.3 %, ×1.2, 1,234."""
    if unit == "share":
        return percent(value, "#,##0.0 %")
    if unit == "times":
        return f"×{number(value)}"
    return number(value, "#,##0" if unit == "count" else "#,##0.###")


def share_line(name: str, shares: Sequence[Proportion], look: Look) -> Series:
    """Return shares as a line with their 95% intervals, broken where a share is unknown."""

    def known(value: float) -> float | None:
        return None if math.isnan(value) else value

    return Series(
        name=name,
        kind="line",
        look=look,
        y=[known(one.value) for one in shares],
        low=[known(one.low) for one in shares],
        high=[known(one.high) for one in shares],
        dots=True,
    )
