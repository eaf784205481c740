"""What a verdict does to its contact: its reason decides what it acts on, from which run length on, and how long.

    reason                  acts on                                        acts from    half-life
    any                     the contact-product pair: a discard rests it   1st          14 days, then over
    none, performance,      the pair's score                               1st          streak.half_life_days
      discomfort: product
    discomfort: contact     the contact: a discard rests it                1st          14 days, then over
    discomfort: channel,    the contact's choice of that value             2nd          28 days
      time
    discomfort: rationale   the contact's scores of that model             2nd          28 days

An accept has the opposite sign in the scope of its reason, and ends the rest of its pair. A restructure counts as a
discard of the replaced value and an accept of its substitute; of product, contact or account it rests the pair. Of
several channels or times one with a single discard is already chosen last. Verdicts about market, business or account
also act beyond their contact: `cross_contact.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dog.core.events import Attribute, EventType, Trigger
from dog.core.iso_weeks import DAY_MS
from dog.core.learning.reinforcement_settings import Streak
from dog.core.records import NO_PRODUCT
from dog.core.verdicts.cross_contact import REST_DAYS
from dog.core.verdicts.streaks import signed_runs, streak_multiplier


@dataclass(frozen=True, slots=True)
class Scope:
    """Run length from which a reason acts, and its half-life."""

    free_run: int
    half_life_days: float


REPLACES_PAIR = frozenset({Attribute.PRODUCT, Attribute.CONTACT, Attribute.ACCOUNT})
"""Attributes whose restructure offers something else in place of the contact-product pair."""
CHOICE = Scope(1, 28)
RATIONALE = Scope(1, 28)


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of equal verdicts, one for each key that has any.

    Parameters
    ----------
    key
        Product number, or digest of a value, shape (keys,).
    run
        Length, positive for accepts, negative for discards, shape (keys,).
    last_ms
        Time of its last verdict, milliseconds since 1970, shape (keys,).

    """

    key: np.ndarray
    run: np.ndarray
    last_ms: np.ndarray

    def multipliers(self, now_ms: int, scope: Scope, streak: Streak) -> np.ndarray:
        """Return the multiplier of every run at a time, shape (keys,)."""
        days = np.maximum(now_ms - self.last_ms, 0) / DAY_MS
        return streak_multiplier(self.run, days, scope.free_run, scope.half_life_days, streak)

    def of(self, key: int) -> int:
        """Return the run of one key, 0 where it has none."""
        if not len(self.key):
            return 0
        found = np.flatnonzero(self.key == key)
        return int(self.run[found[0]]) if len(found) else 0

    def last(self, key: int) -> tuple[int, int]:
        """Return the run of one key and the time of its last verdict, milliseconds since 1970; zeros for none."""
        found = np.flatnonzero(self.key == key)
        return (int(self.run[found[0]]), int(self.last_ms[found[0]])) if len(found) else (0, 0)


def runs_of(keys: np.ndarray, signs: np.ndarray, times_ms: np.ndarray) -> Runs:
    """Return the run at the end of each key's verdicts.

    Parameters
    ----------
    keys
        Key of each verdict, shape (verdicts,), in the order of (occurred_at, event_id).
    signs
        +1 for an accept, -1 for a discard, shape (verdicts,).
    times_ms
        Time of each, milliseconds since 1970, shape (verdicts,).

    """
    if not len(keys):
        return Runs(np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64))
    distinct, groups = np.unique(keys, return_inverse=True)
    run, last = signed_runs(groups, signs)
    return Runs(distinct, run, times_ms[last].astype(np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactVerdicts:
    """A contact's own verdicts, by scope."""

    pairs: Runs  # by product number
    contact_rests_until_ms: int  # 0: the contact was never refused as such, or accepted since
    channels: Runs  # by digest of the channel
    times: Runs  # by digest of the time
    rationales: Runs  # by digest of the model
    snoozed: Mapping[int, int]  # product number -> time at which its snooze ends


def read_verdicts(ledger: np.ndarray) -> ContactVerdicts:
    """Return the runs of a contact's verdicts, by scope.

    Parameters
    ----------
    ledger
        Records of `dog.core.records.VERDICT`, shape (verdicts,), in the order of (occurred_at, event_id).

    Returns
    -------
    The runs of each scope. A restructure counts as a discard of the replaced value and an accept of its
    substitute; it does not affect the product.

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

    substituted = restructured & (attribute == Attribute.PRODUCT) & (ledger["substitute"] != 0)
    order = np.argsort(np.concatenate([np.flatnonzero(about_pair), np.flatnonzero(substituted)]), kind="stable")
    pairs = runs_of(
        np.concatenate([ledger["product"][about_pair], ledger["substitute"][substituted] - 1])[order],
        np.concatenate([sign[about_pair], np.ones(substituted.sum(), np.int64)])[order],
        np.concatenate([times[about_pair], times[substituted]])[order],
    )
    about_contact = discomfort & (attribute == Attribute.CONTACT) & ~restructured
    refused_contact = bool(about_contact.any()) and kind[about_contact][-1] == EventType.DISCARD
    return ContactVerdicts(
        pairs=pairs,
        contact_rests_until_ms=int(times[about_contact][-1]) + REST_DAYS * DAY_MS if refused_contact else 0,
        channels=choices(Attribute.CHANNEL),
        times=choices(Attribute.TIME),
        rationales=choices(Attribute.RATIONALE),
        snoozed=_snoozed(ledger[ledger["product"] != NO_PRODUCT]),
    )


def _snoozed(about_products: np.ndarray) -> dict[int, int]:
    """Return until when each product rests. An accept ends a rest, and so does being chosen as a substitute."""
    ends: dict[int, int] = {}
    fields = (about_products[name].tolist() for name in ("product", "type", "at", "attribute", "substitute"))
    for product, kind, at, attribute, substitute in zip(*fields, strict=True):
        if kind == EventType.ACCEPT:
            ends.pop(product, None)
        elif kind == EventType.DISCARD or attribute in REPLACES_PAIR:
            ends[product] = at + REST_DAYS * DAY_MS
        if kind == EventType.RESTRUCTURE and attribute == Attribute.PRODUCT:
            ends.pop(substitute - 1, None)
    return ends
