"""What multipliers and rules are worth: the policy compared with each control of its traffic split."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.iso_weeks import WEEK_MS
from dog.core.traffic_split import CONTROLS, PLAIN
from dog.offline.history.pitches import Pitches
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.intervals import (
    MIN_CONTACTS,
    MIN_WEEKS,
    Estimate,
    bootstrap_mean,
    draw_clusters,
    percentiles,
    widened,
)

LIFT_REPLICATES = 500
DETECTABLE_LIFT = 0.10
"""Relative lift for which the time to detect it is estimated."""
POWER_QUANTILES = 1.96 + 0.84
"""Size of a difference, in standard errors, that is detected at 5% in 80% of experiments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """The policy compared with one control.

    `difference` and `lift` are the policy's win rate less the control's, absolute and relative, with intervals over
    contacts and, apart, over weeks, the same weeks for both. `weeks` have passed since the split began; after
    `weeks_to_see` more, at this pace, a lift of 10% is detected by contacts (at 5%, in 80% of experiments): 0 where it
    would be by now, infinite where nothing was won.
    """

    control: str
    contacts: int
    pitches: int
    win_rate: Estimate
    difference: Estimate
    lift: Estimate
    weeks: float
    weeks_to_see: float
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitImpact:
    """The policy's win rate, and its lift over every control that served anybody."""

    contacts: int
    pitches: int
    win_rate: Estimate
    lifts: Sequence[Lift]


def measure_impact(pitches: Pitches, seed: int = 0) -> SplitImpact | None:
    """Compare the policy with its controls on the pitches since the first one of a control; None without any."""
    controlled = np.isin(pitches.variant, CONTROLS)
    if not controlled.any():
        return None
    since = int(pitches.at_ms[controlled].min())
    recent = pitches.where(pitches.at_ms >= since)
    weeks = float(recent.at_ms.max() - since) / WEEK_MS
    policy = recent.where(recent.variant == PLAIN)
    lifts = [
        _lift(name, policy, recent.where(recent.variant == name), weeks, seed)
        for name in CONTROLS
        if (recent.variant == name).any() and len(policy)
    ]
    return SplitImpact(
        contacts=len(np.unique(policy.contact)),
        pitches=len(policy),
        win_rate=bootstrap_mean(policy.clusters, policy.won),
        lifts=lifts,
    )


def _lift(name: str, policy: Pitches, control: Pitches, weeks: float, seed: int) -> Lift:
    own, other = _drawn_rates(policy, seed), _drawn_rates(control, seed + 1)
    rate, base = float(policy.won.mean()), float(control.won.mean())
    contacts = len(np.unique(control.contact))
    few = min(contacts, len(np.unique(policy.contact))) < MIN_CONTACTS
    by_week = _drawn_by_week(policy, control, seed)
    drawn = None if few else (own, other)
    difference = _estimate(rate - base, lambda one, two: one - two, drawn, by_week)
    ratio = _estimate(rate / base - 1 if base else float("nan"), lambda one, two: one / two - 1, drawn, by_week)
    error = float(np.std(own - other))
    wanted = (POWER_QUANTILES * error / (DETECTABLE_LIFT * base)) ** 2 * weeks if base else float("inf")
    left = float("inf") if few and not base else max(0.0, wanted - weeks)
    return Lift(
        control=name,
        contacts=contacts,
        pitches=len(control),
        win_rate=bootstrap_mean(control.clusters, control.won),
        difference=difference,
        lift=ratio,
        weeks=weeks,
        weeks_to_see=left,
        sentence=_sentence(name, ratio, difference, left, contacts),
    )


def _estimate(
    value: float,
    compare: Callable[[Floats, Floats], Floats],
    drawn: tuple[Floats, Floats] | None,
    by_week: tuple[Floats, Floats, int] | None,
) -> Estimate:
    """Return a comparison of two win rates with its intervals; None stands for too few contacts or weeks."""
    contacts = weeks = (np.nan, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        if drawn is not None:
            contacts = percentiles(compare(*drawn))
        if by_week is not None:
            weeks = widened(value, percentiles(compare(by_week[0], by_week[1])), by_week[2])
    return Estimate(value, *contacts, week_low=weeks[0], week_high=weeks[1])


def _drawn_by_week(policy: Pitches, control: Pitches, seed: int) -> tuple[Floats, Floats, int] | None:
    """Return the win rates of both in samples of the weeks of both, and the number of weeks; None with too few."""
    weeks = np.union1d(policy.week, control.week)
    if len(weeks) < MIN_WEEKS:
        return None
    rates = []
    for pitches in (policy, control):
        position = np.searchsorted(weeks, pitches.week)
        won, made = (np.bincount(position, of, len(weeks)) for of in (pitches.won, None))
        with np.errstate(invalid="ignore"):
            rates.append([(won @ times) / (made @ times) for times in draw_clusters(len(weeks), LIFT_REPLICATES, seed)])
    return np.array(rates[0]), np.array(rates[1]), len(weeks)


def _drawn_rates(pitches: Pitches, seed: int) -> Floats:
    """Return the win rates of bootstrap samples of contacts."""
    number, position = np.unique(pitches.contact, return_inverse=True)
    won, made = np.bincount(position, pitches.won), np.bincount(position)
    drawn = draw_clusters(len(number), LIFT_REPLICATES, seed)
    return np.array([float(won @ times) / float(made @ times) for times in drawn])


def _sentence(name: str, lift: Estimate, difference: Estimate, weeks_left: float, contacts: int) -> str:
    if np.isnan(difference.low):
        return f"{name}: too few contacts ({contacts}) to tell; {MIN_CONTACTS} is the least."
    shown, of = (lift, "") if np.isfinite(lift.high) else (difference, " of the win rate")
    span = f"{shown.value:+.1%} ({shown.low:+.1%} to {shown.high:+.1%}, {_weeks_span(shown)}){of}"
    if difference.above(0):
        return f"The policy wins more than {name}: {span}."
    if difference.below(0):
        return f"The policy wins less than {name}: {span}; look at what it adds."
    if not np.isfinite(weeks_left):
        return f"No difference to {name} is known; it has won nothing yet."
    wait = f"in about {weeks_left:.0f} more weeks" if weeks_left >= 1 else "by now"
    return f"No difference to {name} is known yet: {span}; a lift of {DETECTABLE_LIFT:.0%} could be seen {wait}."


def _weeks_span(found: Estimate) -> str:
    if np.isnan(found.week_low):
        return "too few weeks to draw"
    return f"with weeks drawn {found.week_low:+.1%} to {found.week_high:+.1%}"
