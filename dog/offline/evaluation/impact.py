"""What multipliers and rules are worth: the policy against each control of its traffic split."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.traffic_split import CONTROLS, PLAIN
from dog.offline.evaluation.discrimination import Floats
from dog.offline.evaluation.intervals import LEAST_CONTACTS, Estimate, bootstrap_mean, contact_weights, percentiles
from dog.offline.evaluation.pitches import Pitches

REPLICATES = 500
WEEK_MS = 7 * 86_400_000
DETECTABLE = 0.10
"""Relative lift for which the time is told until it could be seen."""
POWER_QUANTILES = 1.96 + 0.84
"""Standard errors that a difference must be worth to be seen at 5% in 80% of experiments."""


@dataclass(frozen=True, slots=True)
class Lift:
    """The policy against one control.

    Parameters
    ----------
    control
        Name of the variant.
    contacts, pitches
        Of the control, resolved.
    win_rate
        Of the control's pitches.
    difference
        The policy's win rate less the control's, intervals over contacts.
    lift
        The same relative to the control's win rate.
    weeks
        Weeks since the split began.
    weeks_to_see
        Weeks more, at this pace, until a lift of 10% could be seen (at 5%, in 80% of experiments); 0 where it
        could be seen now, infinite where nothing was won. Contacts are taken to keep coming.
    sentence
        What this says, in plain words.

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


@dataclass(frozen=True, slots=True)
class Impact:
    """The policy's own win rate and its lift over every control that served anybody."""

    contacts: int
    pitches: int
    win_rate: Estimate
    lifts: Sequence[Lift]


def measure_impact(pitches: Pitches, seed: int = 0) -> Impact | None:
    """Measure the policy against its controls; None where no control was ever pitched.

    Only pitches since the first one of a control count: before, there was nothing to compare with.
    """
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
    contacts = len(np.unique(policy.contact))
    return Impact(contacts, len(policy), bootstrap_mean(policy.contact, policy.won), lifts)


def _lift(name: str, policy: Pitches, control: Pitches, weeks: float, seed: int) -> Lift:
    own, other = _drawn_rates(policy, seed), _drawn_rates(control, seed + 1)
    rate, base = float(policy.won.mean()), float(control.won.mean())
    contacts = len(np.unique(control.contact))
    few = min(contacts, len(np.unique(policy.contact))) < LEAST_CONTACTS
    nothing = (float("nan"), float("nan"))
    difference = Estimate(rate - base, *(nothing if few else percentiles(own - other)))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = Estimate(rate / base - 1 if base else float("nan"), *(nothing if few else percentiles(own / other - 1)))
    error = float(np.std(own - other))
    wanted = (POWER_QUANTILES * error / (DETECTABLE * base)) ** 2 * weeks if base else float("inf")
    left = float("inf") if few and not base else max(0.0, wanted - weeks)
    estimate = bootstrap_mean(control.contact, control.won)
    sentence = _say(name, ratio, difference, left, contacts)
    return Lift(name, contacts, len(control), estimate, difference, ratio, weeks, left, sentence)


def _drawn_rates(pitches: Pitches, seed: int) -> Floats:
    """Draw win rates of as many contacts as there are, again and again."""
    number, position = np.unique(pitches.contact, return_inverse=True)
    won, made = np.bincount(position, pitches.won), np.bincount(position)
    drawn = contact_weights(len(number), REPLICATES, seed)
    return np.array([float(won @ times) / float(made @ times) for times in drawn])


def _say(name: str, lift: Estimate, difference: Estimate, weeks_left: float, contacts: int) -> str:
    if np.isnan(difference.low):
        return f"{name}: too few contacts ({contacts}) to tell; {LEAST_CONTACTS} is the least."
    told, of = (lift, "") if np.isfinite(lift.high) else (difference, " of the win rate")
    span = f"{told.value:+.1%} ({told.low:+.1%} to {told.high:+.1%}){of}"
    if difference.low > 0:
        return f"The policy wins more than {name}: {span}."
    if difference.high < 0:
        return f"The policy wins less than {name}: {span}; look at what it adds."
    if not np.isfinite(weeks_left):
        return f"No difference to {name} can be told; it has won nothing yet."
    wait = f"in about {weeks_left:.0f} more weeks" if weeks_left >= 1 else "by now"
    return f"No difference to {name} can be told yet: {span}; a lift of {DETECTABLE:.0%} could be seen {wait}."
