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
ACCEPT, DISCARD, RESTRUCTURE = map(int, (EventType.ACCEPT, EventType.DISCARD, EventType.RESTRUCTURE))
CONTACT, PRODUCT, TIME, CHANNEL = map(int, (Attribute.CONTACT, Attribute.PRODUCT, Attribute.TIME, Attribute.CHANNEL))
DISCOMFORT, RATIONALE_OF = int(Trigger.DISCOMFORT), int(Attribute.RATIONALE)
"""Plain numbers, of which each verdict asks: a member of an enum is looked up by a function in Python."""
REST_MS = REST_DAYS * DAY_MS
CHOICE = Scope(1, 28)
RATIONALE = Scope(1, 28)


class Runs(dict[int, tuple[int, int]]):
    """Runs of equal verdicts by key: a product's number, or the digest of a value.

    Each has its length, positive for accepts and negative for discards, and the time of its last verdict, milliseconds
    since 1970.
    """

    def add(self, key: int, sign: int, at_ms: int) -> None:
        """Add a verdict: +1 for an accept, -1 for a discard."""
        run, _ = self.get(key, NO_RUN)
        self[key] = (run + sign if run * sign > 0 else sign, at_ms)

    @property
    def key(self) -> np.ndarray:
        """The keys, shape (keys,)."""
        return np.array(list(self), np.uint64)

    @property
    def run(self) -> np.ndarray:
        """The length of each run, shape (keys,)."""
        return np.array([run for run, _ in self.values()], np.int64)

    @property
    def last_ms(self) -> np.ndarray:
        """The time of the last verdict of each run, shape (keys,)."""
        return np.array([last_ms for _, last_ms in self.values()], np.int64)

    def multipliers(self, now_ms: int, scope: Scope, streak: Streak) -> np.ndarray:
        """Return the multiplier of every run at a time, shape (keys,)."""
        days = np.maximum(now_ms - self.last_ms, 0) / DAY_MS
        return streak_multiplier(self.run, days, scope.free_run, scope.half_life_days, streak)

    def by_key(self, now_ms: int, scope: Scope, streak: Streak) -> dict[int, float]:
        """Return the multiplier of every run at a time, by key."""
        return dict(zip(self, self.multipliers(now_ms, scope, streak).tolist(), strict=True))

    def of(self, key: int) -> int:
        """Return the run of one key, 0 where it has none."""
        return self.get(key, NO_RUN)[0]


NO_RUN = (0, 0)


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
    pairs, rests_until_ms, snoozed = Runs(), 0, dict[int, int]()
    choices = {CHANNEL: Runs(), TIME: Runs(), RATIONALE_OF: Runs()}
    for at_ms, _, value, substitute, _, product, kind, trigger, attribute, _ in ledger.tolist():  # few
        sign = 1 if kind == ACCEPT else -1
        is_replaced, by_choice = kind == RESTRUCTURE, choices.get(attribute)
        discomfort = trigger == DISCOMFORT or is_replaced
        if attribute == PRODUCT if discomfort else trigger in PERSONAL:
            if product != NO_PRODUCT or is_replaced:
                pairs.add(product, sign, at_ms)
        elif discomfort and by_choice is not None:
            by_choice.add(value, sign, at_ms)
        elif discomfort and attribute == CONTACT and not is_replaced:
            rests_until_ms = at_ms + REST_MS if kind == DISCARD else 0
        if is_replaced and substitute and attribute == PRODUCT:
            pairs.add(substitute - 1, 1, at_ms)
        elif is_replaced and substitute and by_choice is not None:
            by_choice.add(substitute, 1, at_ms)
        if product != NO_PRODUCT:
            _rest(snoozed, product, at_ms, kind, attribute)
            if is_replaced and attribute == PRODUCT:  # being chosen as a substitute ends a rest
                snoozed.pop(substitute - 1, None)
    return ContactVerdicts(
        pairs=pairs,
        contact_rests_until_ms=rests_until_ms,
        channels=choices[CHANNEL],
        times=choices[TIME],
        rationales=choices[RATIONALE_OF],
        snoozed=snoozed,
    )


def _rest(snoozed: dict[int, int], product: int, at_ms: int, kind: int, attribute: int) -> None:
    """Start or end the rest of a product."""
    if kind == ACCEPT:
        snoozed.pop(product, None)
    elif kind == DISCARD or attribute in REPLACES_PAIR:
        snoozed[product] = at_ms + REST_MS
