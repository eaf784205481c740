"""The desk's tiles and pictures: shares with their intervals, the spread of multipliers, agreement of scores."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import html

from dog.console.chart import Axis, Look, Series, chart, share_line
from dog.services.pairs.week_figures import Proportion, proportion
from dog.storage.versions import Version

RATES: tuple[tuple[str, str, str, Look], ...] = (
    ("accept rate", "accept", "discard", "up"),
    ("win rate", "win", "loss", "down"),
)


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


def share_tile(name: str, found: Proportion, of: str) -> Any:
    """Show a share with its 95% interval."""
    if not found.of:
        return tile(name, "–", f"no {of} in four weeks")
    told = f"{found.low:.1%} to {found.high:.1%}, of {found.of:,} {of}"
    return tile(name, f"{found.value:.1%}", told)


def weekly(weeks: Sequence[Mapping[str, int]]) -> Any:
    """Draw accept rate and win rate of each week with their intervals."""
    days = [datetime.fromtimestamp(week["until_ms"] / 1000 - 1, UTC).strftime("%b %d") for week in weeks]
    lines, told = [], []
    for name, kind, other, look in RATES:
        shares = [proportion(week[kind], week[kind] + week[other]) for week in weeks]
        lines.append(share_line(name, shares, look))
        told += [f"{name} {day} {one.value:.1%}" for day, one in zip(days, shares, strict=True) if one.of]
    return chart(", ".join(told) or "No verdicts and no resolved pitches yet", lines, Axis("share"), names=days)


def spread(version: Version, policy: str) -> Any:
    """Draw how the multipliers of a version are spread; None where it does not say."""
    summary = version.policies.get(policy, {}).get("summary")
    if summary is None:
        return None
    bounds = [f"{bound:g}" for bound in summary["spread_bounds"]]
    names = [f"≤ {bounds[0]}", *(f"{a}–{b}" for a, b in itertools.pairwise(bounds)), f"> {bounds[-1]}"]
    counts = summary["spread"]
    told = ", ".join(f"{name}: {count:,}" for name, count in zip(names, counts, strict=True) if count)
    bars = Series("pairs", "bars", "pale", counts)
    return chart(f"Pairs by multiplier: {told}", [bars], Axis("count", "pairs"), names=names, title="multiplier")


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
