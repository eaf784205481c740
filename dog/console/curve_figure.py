"""The chart of a curve: ARM blue, DRM orange and dashed, the active curve dotted, win rates as a pale histogram."""

from collections.abc import Mapping, Sequence
from typing import Any

from dog.console.chart import Axis, Chart, Look, Series, dash_chart


def draw(
    wanted: Mapping[str, Any], active: Mapping[str, Any], rates: tuple[Sequence[float], Sequence[int]] | None, k: int
) -> Any:
    """Draw two curves, as `draw_curve` answers, over the histogram of win rates.

    `rates` holds the middles and counts of its bins, if they are known; a `k` above 0 adds `wanted` after k recursions.
    """
    series = []
    if rates is not None:
        series.append(Series(name="pairs", kind="bars", look="pale", y=list(rates[1]), x=list(rates[0]), side="right"))
    series.append(_line(active, 0, "multiplier", "in force", "quiet"))
    for count in [k, 0] if k else [0]:
        after = f" after {count}" if count else ""
        series.append(_line(wanted, count, "arm", f"ARM{after}", "up thin" if count else "up"))
        series.append(_line(wanted, count, "drm", f"DRM{after}", "down thin" if count else "down"))
    if wanted["warnings"]:
        series.append(_violations(wanted))
    ends = [point["multiplier"] for point in wanted["points"] if point["recursions"] == 0]
    drawn = Chart(
        label=f"Multiplier over win rate: ×{ends[0]:.2f} at 0, 1 at {wanted['neutral']:.3f}, ×{ends[-1]:.2f} at 1",
        series=series,
        left=Axis("times", "multiplier"),
        right=None if rates is None else Axis("count", "pairs"),
        title="win rate",
        lines=({"y": 1.0}, {"x": wanted["neutral"]}),
        tall=True,
    )
    return dash_chart(drawn)


def _line(drawn: Mapping[str, Any], count: int, side: str, name: str, look: Look) -> Series:
    points = [point for point in drawn["points"] if point["recursions"] == count]
    x, y = [point["win_rate"] for point in points], [point[side] for point in points]
    return Series(name=name, kind="line", look=look, y=y, x=x)


def _violations(drawn: Mapping[str, Any]) -> Series:
    """Mark where the curve breaks order or bounds."""
    marks = []
    for one in drawn["warnings"]:
        points = [point for point in drawn["points"] if point["recursions"] == one.get("recursions", 0)]
        nearest = min(points or drawn["points"], key=lambda point: abs(point["win_rate"] - one["win_rate"]))
        marks.append((nearest["win_rate"], nearest["multiplier"]))
    x, y = zip(*marks, strict=True)
    return Series(name="broken here", kind="crosses", look="fault", y=y, x=x)
