"""The desk's tiles and pictures: shares with their intervals, the spread of multipliers, agreement of scores."""

import itertools
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import html

from dog.services.week_figures import Share, share
from dog.storage.versions import Version

UP, DOWN, PALE = "#0b62a8", "#b34700", "#9db4dd"


def tile(name: str, value: str, told: str) -> Any:
    """Show one figure, what it is, and what it rests on."""
    return html.Div(
        [
            html.P(name, className="quiet"),
            html.P(value, className="figure numbers"),
            html.P(told, className="quiet small"),
        ],
        className="card tile",
    )


def share_tile(name: str, found: Share, of: str) -> Any:
    """Show a share with its 95% interval."""
    if not found.of:
        return tile(name, "–", f"no {of} in four weeks")
    told = f"{found.low:.1%} to {found.high:.1%}, of {found.of:,} {of}"
    return tile(name, f"{found.value:.1%}", told)


def weekly(weeks: Sequence[Mapping[str, int]]) -> dict[str, Any]:
    """Draw accept rate and win rate of each week with their intervals."""
    days = [datetime.fromtimestamp(week["until_ms"] / 1000 - 1, UTC).strftime("%b %d") for week in weeks]
    lines = []
    for name, kind, others, colour, dash in (
        ("accept rate", "accept", "discard", UP, "solid"),
        ("win rate", "win", "loss", DOWN, "dash"),
    ):
        shares = [share(week[kind], week[kind] + week[others]) for week in weeks]
        lines.append(_line(name, days, shares, colour, dash))
    axis = {"rangemode": "tozero", "tickformat": ".0%", "gridcolor": "#eef1f5"}
    return {"data": lines, "layout": _layout(axis)}


def _line(name: str, days: Sequence[str], shares: Sequence[Share], colour: str, dash: str) -> dict[str, Any]:
    def known(value: float) -> float | None:
        return None if math.isnan(value) else value

    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": days,
        "y": [known(one.value) for one in shares],
        "line": {"color": colour, "width": 2, "dash": dash},
        "marker": {"size": 7, "symbol": "circle" if dash == "solid" else "square"},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [known(one.high - one.value) for one in shares],
            "arrayminus": [known(one.value - one.low) for one in shares],
            "thickness": 1,
            "width": 3,
            "color": colour,
        },
        "hovertemplate": f"%{{x}}: %{{y:.1%}}<extra>{name}</extra>",
    }


def spread(version: Version, policy: str) -> dict[str, Any] | None:
    """Draw how the multipliers of a version are spread; None where it does not say."""
    summary = version.policies.get(policy, {}).get("summary")
    if summary is None:
        return None
    bounds = [f"{bound:g}" for bound in summary["spread_bounds"]]
    names = [f"≤ {bounds[0]}", *(f"{a}–{b}" for a, b in itertools.pairwise(bounds)), f"> {bounds[-1]}"]
    bars = {"type": "bar", "x": names, "y": summary["spread"], "marker": {"color": PALE}}
    hover = {"hovertemplate": "%{x}: %{y:,} pairs<extra></extra>"}
    return {"data": [bars | hover], "layout": _layout({"tickformat": ",d", "gridcolor": "#eef1f5"})}


def _layout(axis: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "height": 260,
        "margin": {"l": 52, "r": 12, "t": 8, "b": 56},
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": "#5a6577"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "y": 1.12, "x": 0},
        "xaxis": {"type": "category", "gridcolor": "rgba(0,0,0,0)"},
        "yaxis": dict(axis),
        "bargap": 0.15,
    }


def agreement(version: Version, policy: str) -> Any:
    """Say in one sentence whether scores came true where they were pitched."""
    summary = version.policies.get(policy, {}).get("summary") or {}
    if not summary.get("scored_pitches"):
        return html.P(
            "No resolved pitch carries a score yet, so whether scores come true cannot be told.", className="quiet"
        )
    said, seen = summary["predicted_rate"], summary["observed_rate"]
    ratio = f"{seen / said:.2f} times as often as" if said else "against"
    return html.P(
        [
            html.Strong(f"{seen:.1%} won"),
            f" where the scores said {said:.1%}: {ratio} foretold, ",
            f"over {summary['scored_pitches']:,.0f} scored pitches.",
        ]
    )
