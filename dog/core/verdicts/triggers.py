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
from dog.core.verdicts.streaks import streak_multiplier


@dataclass(frozen=True, slots=True)
class Scope:
    """Run length from which a reason acts, and its half-life."""

    free_run: int
    half_life_days: float


REPLACES_PAIR = frozenset({Attribute.PRODUCT, Attribute.CONTACT, Attribute.ACCOUNT})
"""Attributes whose restructure offers something else in place of the contact-product pair."""
PERSONAL = frozenset({Trigger.NONE, Trigger.PERFORMANCE})
"""Reasons that are about the pair alone."""
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


NO_RUNS = Runs(np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64))


class _Counted(dict[int, tuple[int, int]]):
    """Length of the run at the end of each key's verdicts, and the time of its last."""

    def add(self, key: int, sign: int, at_ms: int) -> None:
        """Add a verdict: +1 for an accept, -1 for a discard."""
        run, _ = self.get(key, (0, 0))
        self[key] = (run + sign if run * sign > 0 else sign, at_ms)

    def runs(self) -> Runs:
        """Return the runs in the order of their keys."""
        if not self:
            return NO_RUNS
        keys = sorted(self)
        lengths, last_ms = zip(*map(self.__getitem__, keys), strict=True)
        return Runs(np.array(keys, np.uint64), np.array(lengths, np.int64), np.array(last_ms, np.int64))


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
    pairs, rests_until_ms, snoozed = _Counted(), 0, dict[int, int]()
    choices = {of: _Counted() for of in (Attribute.CHANNEL, Attribute.TIME, Attribute.RATIONALE)}
    for at_ms, _, value, substitute, _, product, kind, trigger, attribute, _ in ledger.tolist():  # few
        sign = 1 if kind == EventType.ACCEPT else -1
        is_replaced, by_choice = kind == EventType.RESTRUCTURE, choices.get(attribute)
        discomfort = trigger == Trigger.DISCOMFORT or is_replaced
        if attribute == Attribute.PRODUCT if discomfort else trigger in PERSONAL:
            if product != NO_PRODUCT or is_replaced:
                pairs.add(product, sign, at_ms)
        elif discomfort and by_choice is not None:
            by_choice.add(value, sign, at_ms)
        elif discomfort and attribute == Attribute.CONTACT and not is_replaced:
            rests_until_ms = at_ms + REST_DAYS * DAY_MS if kind == EventType.DISCARD else 0
        if is_replaced and substitute and attribute == Attribute.PRODUCT:
            pairs.add(substitute - 1, 1, at_ms)
        elif is_replaced and substitute and by_choice is not None:
            by_choice.add(substitute, 1, at_ms)
        if product != NO_PRODUCT:
            _rest(snoozed, product, at_ms, kind, attribute)
            if is_replaced and attribute == Attribute.PRODUCT:  # being chosen as a substitute ends a rest
                snoozed.pop(substitute - 1, None)
    return ContactVerdicts(
        pairs=pairs.runs(),
        contact_rests_until_ms=rests_until_ms,
        channels=choices[Attribute.CHANNEL].runs(),
        times=choices[Attribute.TIME].runs(),
        rationales=choices[Attribute.RATIONALE].runs(),
        snoozed=snoozed,
    )


def _rest(snoozed: dict[int, int], product: int, at_ms: int, kind: int, attribute: int) -> None:
    """Start or end the rest of a product."""
    if kind == EventType.ACCEPT:
        snoozed.pop(product, None)
    elif kind == EventType.DISCARD or attribute in REPLACES_PAIR:
        snoozed[product] = at_ms + REST_DAYS * DAY_MS
