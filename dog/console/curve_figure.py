"""The picture of a curve: ARM blue, DRM orange and dashed, what is in force grey, win rates as a pale histogram."""

from collections.abc import Mapping, Sequence
from typing import Any

UP, DOWN, QUIET, PALE, FAULT = "#0b62a8", "#b34700", "#8b95a5", "#dfe6f2", "#a3261b"


def draw(
    wanted: Mapping[str, Any], in_force: Mapping[str, Any], rates: tuple[Sequence[float], Sequence[int]] | None, k: int
) -> dict[str, Any]:
    """Draw curves over the histogram of win rates.

    Parameters
    ----------
    wanted, in_force
        As `draw_curve` answers.
    rates
        Middles and counts of the bins; None where they are not known.
    k
        Recursions of the second line; 0 draws none.

    """
    traces: list[dict[str, Any]] = []
    if rates is not None:
        hover = "win rate %{x:.3f}: %{y:,} pairs<extra></extra>"
        bars = {"type": "bar", "x": rates[0], "y": rates[1], "name": "pairs", "yaxis": "y2", "hovertemplate": hover}
        traces.append(bars | {"marker": {"color": PALE}, "showlegend": True})
    traces.append(_line(in_force, 0, "multiplier", "in force", {"color": QUIET, "width": 1.5, "dash": "dot"}))
    for count in [k, 0] if k else [0]:
        after = f" after {count}" if count else ""
        width = 3 if not count else 1.5
        traces.append(_line(wanted, count, "arm", f"ARM{after}", {"color": UP, "width": width}))
        traces.append(_line(wanted, count, "drm", f"DRM{after}", {"color": DOWN, "width": width, "dash": "dash"}))
    if wanted["warnings"]:
        traces.append(_breaks(wanted))
    return {"data": traces, "layout": _layout(wanted["neutral"])}


def _line(drawn: Mapping[str, Any], count: int, side: str, name: str, line: Mapping[str, Any]) -> dict[str, Any]:
    points = [point for point in drawn["points"] if point["recursions"] == count]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [point["win_rate"] for point in points],
        "y": [point[side] for point in points],
        "name": name,
        "line": dict(line),
        "hovertemplate": f"win rate %{{x:.3f}}: ×%{{y:.3f}}<extra>{name}</extra>",
    }


def _breaks(drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Mark where order or bounds are broken, on the line where they are."""
    marks = []
    for one in drawn["warnings"]:
        points = [point for point in drawn["points"] if point["recursions"] == one.get("recursions", 0)]
        nearest = min(points or drawn["points"], key=lambda point: abs(point["win_rate"] - one["win_rate"]))
        marks.append((nearest["win_rate"], nearest["multiplier"]))
    symbols = {"symbol": "x", "size": 11, "color": FAULT}
    x, y = zip(*marks, strict=True)
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "name": "broken here", "marker": symbols}


def _layout(neutral: float) -> dict[str, Any]:
    font = {"family": "system-ui, sans-serif", "size": 13, "color": "#5a6577"}
    line = {"color": "#c7cfdb", "width": 1}
    return {
        "height": 500,
        "margin": {"l": 60, "r": 60, "t": 8, "b": 44},
        "font": font,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest",
        "bargap": 0.08,
        "legend": {"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0},
        "xaxis": {"title": {"text": "win rate"}, "range": [0, 1], "gridcolor": "#eef1f5", "zeroline": False},
        "yaxis": {
            "title": {"text": "multiplier"},
            "gridcolor": "#eef1f5",
            "zeroline": False,
            "rangemode": "tozero",
            "overlaying": "y2",
            "tickmode": "auto",
            "nticks": 8,
        },
        "yaxis2": {
            "side": "right",
            "showgrid": False,
            "title": {"text": "pairs"},
            "rangemode": "tozero",
            "tickformat": ",d",
            "tickmode": "auto",
            "nticks": 6,
        },
        "shapes": [
            {"type": "line", "x0": 0, "x1": 1, "y0": 1, "y1": 1, "line": line},
            {"type": "line", "x0": neutral, "x1": neutral, "yref": "paper", "y0": 0, "y1": 1, "line": line},
        ],
        "uirevision": "same",
    }
