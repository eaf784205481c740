"""Which verdict does what: from a discard's reason to what it touches, for how long, from which run on.

    reason                  touches                              acts from    half-life
    none, performance,      the contact-product pair; a discard  1st          streak.half_life_days
      discomfort: product     also rests the pair for 14 days
    market                  category x segment of the contact;   3rd          28 days
                              the category for all once three
                              different actors said so
    business                actor x category; the category for   3rd          90 days
                              all when an admin said so
    discomfort: account     all contacts of the account          3rd          28 days
    discomfort: contact     all products of the contact          3rd          28 days
    discomfort: channel,    the contact's choice of that value   2nd          28 days
      time
    discomfort: rationale   the contact's score of that model    3rd          28 days

A verdict acts on the scope of its own reason only; an accept there is the opposite sign.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dog.core.events import Attribute, EventType, Trigger
from dog.core.learning.reinforcement_settings import Streak
from dog.core.records import NO_PRODUCT
from dog.core.verdicts.streaks import signed_runs, streak_multiplier

DAY_MS = 86_400_000
SNOOZE_DAYS = 14
QUORUM = 3
"""Different actors who must refuse a category for a segment before it counts for the whole tenant."""


@dataclass(frozen=True, slots=True)
class Scope:
    """From which run on, and for how long, a reason acts."""

    free_run: int
    half_life_days: float


MARKET = Scope(2, 28)
BUSINESS = Scope(2, 90)
ACCOUNT = Scope(2, 28)
CONTACT = Scope(2, 28)
CHOICE = Scope(1, 28)
RATIONALE = Scope(2, 28)


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of like verdicts, one for each scope key that has any.

    Parameters
    ----------
    key
        What the run is about (a product's number, or the digest of a value), shape (keys,).
    run
        Length with its sign, accepts positive, discards negative, shape (keys,).
    last_ms
        When its last verdict occurred, milliseconds since 1970, shape (keys,).

    """

    key: np.ndarray
    run: np.ndarray
    last_ms: np.ndarray

    def multipliers(self, now_ms: int, scope: Scope, streak: Streak) -> np.ndarray:
        """Read the multiplier of every run at an instant, shape (keys,)."""
        days = np.maximum(now_ms - self.last_ms, 0) / DAY_MS
        return streak_multiplier(self.run, days, scope.free_run, scope.half_life_days, streak)

    def of(self, key: int) -> int:
        """Tell the run of one key; 0 where there is none."""
        if not len(self.key):
            return 0
        found = np.flatnonzero(self.key == key)
        return int(self.run[found[0]]) if len(found) else 0


def runs_of(keys: np.ndarray, signs: np.ndarray, times_ms: np.ndarray) -> Runs:
    """Find the run that stands at the end of each key's verdicts.

    Parameters
    ----------
    keys
        What each verdict is about, shape (verdicts,), in the order of (occurred_at, event_id).
    signs
        +1 for an accept, -1 for a discard, shape (verdicts,).
    times_ms
        When it occurred, milliseconds since 1970, shape (verdicts,).

    Returns
    -------
    One run a distinct key.

    """
    if not len(keys):
        return Runs(np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64))
    distinct, groups = np.unique(keys, return_inverse=True)
    run, last = signed_runs(groups, signs)
    return Runs(distinct, run, times_ms[last].astype(np.int64))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a contact's own verdicts say, by scope."""

    pairs: Runs  # by product number
    contact: Runs  # the contact as such: at most one run, of key 0
    channels: Runs  # by digest of the channel
    times: Runs  # by digest of the time
    rationales: Runs  # by digest of the model
    snoozed: Mapping[int, int]  # product number -> instant at which its rest ends


def read_verdicts(ledger: np.ndarray) -> Verdicts:
    """Sort a contact's verdicts into the scopes that they act on.

    Parameters
    ----------
    ledger
        Records of `dog.core.events.VERDICT`, shape (verdicts,), in the order of (occurred_at, event_id).

    Returns
    -------
    The runs of each scope; a restructure counts as a discard of the replaced value and an accept of its
    substitute, and leaves the product alone.

    """
    kind, attribute, trigger = ledger["type"], ledger["attribute"], ledger["trigger"]
    sign = np.where(kind == EventType.ACCEPT, 1, -1)
    times = ledger["at"].astype(np.int64)
    restructured = kind == EventType.RESTRUCTURE
    discomfort = (trigger == Trigger.DISCOMFORT) | restructured
    personal = np.isin(trigger, (Trigger.NONE, Trigger.PERFORMANCE)) & ~restructured
    about_pair = (personal | (discomfort & (attribute == Attribute.PRODUCT))) & (ledger["product"] != NO_PRODUCT)
    about_pair |= restructured & (attribute == Attribute.PRODUCT)

    def choices(which: Attribute) -> Runs:
        about = discomfort & (attribute == which)
        replaced = about & restructured & (ledger["substitute"] != 0)
        order = np.argsort(np.concatenate([np.flatnonzero(about), np.flatnonzero(replaced)]), kind="stable")
        return runs_of(
            np.concatenate([ledger["value"][about], ledger["substitute"][replaced]])[order],
            np.concatenate([sign[about], np.ones(replaced.sum(), np.int64)])[order],
            np.concatenate([times[about], times[replaced]])[order],
        )

    exchanged = restructured & (attribute == Attribute.PRODUCT) & (ledger["substitute"] != 0)
    order = np.argsort(np.concatenate([np.flatnonzero(about_pair), np.flatnonzero(exchanged)]), kind="stable")
    pairs = runs_of(
        np.concatenate([ledger["product"][about_pair], ledger["substitute"][exchanged] - 1])[order],
        np.concatenate([sign[about_pair], np.ones(exchanged.sum(), np.int64)])[order],
        np.concatenate([times[about_pair], times[exchanged]])[order],
    )
    about_contact = discomfort & (attribute == Attribute.CONTACT)
    return Verdicts(
        pairs,
        runs_of(np.zeros(about_contact.sum(), np.uint64), sign[about_contact], times[about_contact]),
        choices(Attribute.CHANNEL),
        choices(Attribute.TIME),
        choices(Attribute.RATIONALE),
        _snoozed(ledger[about_pair | exchanged]),
    )


def _snoozed(about_pairs: np.ndarray) -> dict[int, int]:
    """Tell until when each product rests: a discard begins it; an accept, or taking another's place, ends it."""
    rests: dict[int, int] = {}
    fields = (about_pairs[name].tolist() for name in ("product", "type", "at", "attribute", "substitute"))
    for product, kind, at, attribute, substitute in zip(*fields, strict=True):
        if kind == EventType.ACCEPT:
            rests.pop(product, None)
        else:
            rests[product] = at + SNOOZE_DAYS * DAY_MS
        if kind == EventType.RESTRUCTURE and attribute == Attribute.PRODUCT:
            rests.pop(substitute - 1, None)
    return rests
