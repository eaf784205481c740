"""The sanity gate: a week that looks wrong is not published, and the active version stays."""

from dataclasses import dataclass

from dog.core.learning.week_changes import WeekChanges
from dog.errors import WeekHeld

MIN_COUNT = 1_000
"""Pairs, and resolved pitches by the week before, below which chance alone moves as much."""
KEPT_SHARE = 0.9
RATE_FACTOR = 2.0
SHIFTED_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class WeekBefore:
    """What the gate compares a week with: the version before it."""

    pairs: float
    pitches: float  # resolved ones
    global_rate: float | None  # win rate of all pitches; None where the version does not know the policy


def check_week(
    week: str, policy: str, changes: WeekChanges, global_rate: float, before: WeekBefore | None, *, force: bool
) -> None:
    """Hold a week of one policy whose multipliers are unsound, or unlikely and not forced.

    `global_rate` is the win rate of all pitches, fitted to this week.

    Raises
    ------
    WeekHeld
        The message says why, and how to pass if it is meant.

    """
    if changes.broken:
        raise WeekHeld(
            f"{week}: {changes.broken} pairs of policy {policy} have no sound multiplier or more wins than pitches; "
            "the active version stays. Find them with: dog doctor --recount",
            code="unsound_week",
        )
    reason = None if force or before is None else _unlikely(policy, changes, global_rate, before)
    if reason:
        raise WeekHeld(
            f"{week}: {reason}; the active version stays. See what would move with: dog jobs recompute "
            f"--dry-run, and publish it if it is right with: dog jobs recompute --week {week} --force",
            code="unlikely_week",
        )


def _unlikely(policy: str, changes: WeekChanges, rate: float, before: WeekBefore) -> str | None:
    if before.pairs >= MIN_COUNT and changes.pairs < KEPT_SHARE * before.pairs:
        return f"only {changes.pairs:,} pairs are left of {before.pairs:,.0f}"
    if before.global_rate is None or before.pitches < MIN_COUNT:
        return None
    if not 1 / RATE_FACTOR <= rate / before.global_rate <= RATE_FACTOR:
        return f"the win rate of all pitches jumps from {before.global_rate:.3f} to {rate:.3f}"
    if changes.shifted > SHIFTED_SHARE * changes.pairs:
        return (
            f"what happened to others would alone move {changes.shifted:,} of {changes.pairs:,} multipliers "
            f"of policy {policy} by more than a quarter"
        )
    return None
