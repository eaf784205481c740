"""The dashboard's tiles and charts: shares with their intervals, spread of multipliers, calibration of scores."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dash import html

from dog.console.chart import Axis, Chart, Look, Series, dash_chart, share_line
from dog.services.pairs.week_figures import Proportion, proportion
from dog.storage.multiplier_versions import MultiplierVersion

RATES: tuple[tuple[str, str, str, Look], ...] = (
    ("accept rate", "accept", "discard", "up"),
    ("win rate", "win", "loss", "down"),
)


def tile(name: str, value: str, basis: str) -> Any:
    """Show one figure with its name and what it is computed from."""
    return html.Div(
        [
            html.P(name, className="quiet"),
            html.P(value, className="figure numbers"),
            html.P(basis, className="quiet small"),
        ],
        className="card tile",
    )


def share_tile(name: str, found: Proportion, of: str) -> Any:
    """Show a share with its 95% interval."""
    if not found.of:
        return tile(name, "–", f"no {of} in four weeks")
    return tile(name, f"{found.value:.1%}", f"{found.low:.1%} to {found.high:.1%}, of {found.of:,} {of}")


def weekly_rates(weeks: Sequence[Mapping[str, int]]) -> Any:
    """Draw accept rate and win rate of each week with their intervals."""
    days = [datetime.fromtimestamp(week["until_ms"] / 1000 - 1, UTC).strftime("%b %d") for week in weeks]
    lines, labels = [], []
    for name, kind, other, look in RATES:
        shares = [proportion(week[kind], week[kind] + week[other]) for week in weeks]
        lines.append(share_line(name, shares, look))
        labels += [f"{name} {day} {one.value:.1%}" for day, one in zip(days, shares, strict=True) if one.of]
    label = ", ".join(labels) or "No verdicts and no resolved pitches yet"
    return dash_chart(Chart(label=label, series=lines, left=Axis("share"), names=days))


def multiplier_spread(version: MultiplierVersion, policy: str) -> Any:
    """Draw how a version's multipliers are spread; None if the version has no summary."""
    summary = version.policies.get(policy, {}).get("summary")
    if summary is None:
        return None
    bounds = [f"{bound:g}" for bound in summary["spread_bounds"]]
    names = [f"≤ {bounds[0]}", *(f"{a}–{b}" for a, b in itertools.pairwise(bounds)), f"> {bounds[-1]}"]
    counts = summary["spread"]
    label = ", ".join(f"{name}: {count:,}" for name, count in zip(names, counts, strict=True) if count)
    bars = Series(name="pairs", kind="bars", look="pale", y=counts)
    label, left = f"Pairs by multiplier: {label}", Axis("count", "pairs")
    return dash_chart(Chart(label=label, series=[bars], left=left, names=names, title="multiplier"))


def predicted_and_observed(version: MultiplierVersion, policy: str) -> Any:
    """Compare in one sentence the win rate that scores predicted with the observed one."""
    summary = version.policies.get(policy, {}).get("summary") or {}
    if not summary.get("scored_pitches"):
        return html.P(
            "No resolved pitch carries a score yet, so whether scores come true cannot be told.", className="quiet"
        )
    predicted, observed = summary["predicted_rate"], summary["observed_rate"]
    ratio = f"{observed / predicted:.2f} times as often as" if predicted else "against"
    rest = f" where the scores said {predicted:.1%}: {ratio} foretold, "
    return html.P([html.Strong(f"{observed:.1%} won"), rest, f"over {summary['scored_pitches']:,.0f} scored pitches."])
