"""The sanity gate: a week that looks wrong is held back, and the version in force stays."""

from dog.core.learning.priors import Priors
from dog.errors import Held
from dog.services.weekly.movement import Movement
from dog.storage.versions import Version

ENOUGH = 1_000
"""Pairs, and resolved pitches by the week before, below which chance alone moves as much."""
KEPT_SHARE = 0.9
RATE_FACTOR = 2.0
SHIFTED_SHARE = 0.75


def pass_gate(
    week: str,
    policy: str,
    movement: Movement,
    priors: Priors,
    previous: Version | None,
    *,
    force: bool,
) -> None:
    """Let a week's multipliers of one policy pass, or hold them.

    Parameters
    ----------
    week, policy
        What is judged, for the message.
    movement
        What the week would move.
    priors
        The rates fitted to it.
    previous
        Version of the week before.
    force
        Pass what is only unlikely; never what is impossible.

    Raises
    ------
    Held
        The message says why, and how to pass if it is meant.

    """
    if movement.broken:
        raise Held(
            f"{week}: {movement.broken} pairs of policy {policy} have no sound multiplier or more wins than pitches; "
            "the version in force stays. Find them with: python -m dog doctor --recount",
            code="unsound_week",
        )
    reason = None if force or previous is None else _unlikely(policy, movement, priors, previous)
    if reason:
        raise Held(
            f"{week}: {reason}; the version in force stays. See what would move with: python -m jobs recompute "
            f"--dry-run, and publish it if it is right with: python -m jobs recompute --week {week} --force",
            code="unlikely_week",
        )


def _unlikely(policy: str, movement: Movement, priors: Priors, previous: Version) -> str | None:
    pairs_before = previous.counts.get("pairs", 0)
    if pairs_before >= ENOUGH and movement.pairs < KEPT_SHARE * pairs_before:
        return f"only {movement.pairs:,} pairs are left of {pairs_before:,.0f}"
    known = previous.policies.get(policy)
    if known is None or previous.counts.get("pitches", 0) < ENOUGH:
        return None
    rate, rate_before = priors.global_rate, known["global_rate"]
    if not 1 / RATE_FACTOR <= rate / rate_before <= RATE_FACTOR:
        return f"the win rate of all pitches jumps from {rate_before:.3f} to {rate:.3f}"
    if movement.shifted > SHIFTED_SHARE * movement.pairs:
        return (
            f"what happened to others would alone move {movement.shifted:,} of {movement.pairs:,} multipliers "
            f"of policy {policy} by more than a quarter"
        )
    return None
