"""Multipliers of a request's options that come from verdicts, one per option and reason, and what rests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from dog.core.learning.reinforcement_settings import Streak
from dog.core.verdicts.cross_contact import (
    ACCOUNT,
    ACTOR,
    ADMIN,
    SEGMENT,
    TENANT,
    CrossContactVerdicts,
    VoteScope,
    mix,
)
from dog.core.verdicts.triggers import CHOICE, RATIONALE, ContactVerdicts, Runs, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestScope:
    """When a request happens and for whom: what verdicts beyond the contact are looked up by.

    Parameters
    ----------
    now_ms
        Time of the request, milliseconds since 1970.
    categories
        Digest of each option's category, 64 bits, shape (options,).
    segment, account, actor
        Digests of the contact's segment, its account, and of who asks; 0 where unknown.
    business_counts
        Whether verdicts for business needs still act on this day.

    """

    now_ms: int
    categories: np.ndarray
    segment: int
    account: int
    actor: int
    business_counts: bool


class ContactRest(NamedTuple):
    """Why a contact as a whole rests, and until when."""

    scope: str  # contact or account
    until_ms: int  # milliseconds since 1970


def contact_rest(
    own: ContactVerdicts | None, cross_contact: CrossContactVerdicts, scope: RequestScope
) -> ContactRest | None:
    """Return the rest of a contact or of its account, whichever lasts longer; None where neither rests."""
    if own is None and not cross_contact.any:
        return None
    rests = []
    if own is not None and own.contact_rests_until_ms > scope.now_ms:
        rests.append(ContactRest("contact", own.contact_rests_until_ms))
    if scope.account and cross_contact.account.net(scope.account, scope.now_ms, ACCOUNT) <= -ACCOUNT.needed:
        until_ms = cross_contact.account.acts_until_ms(scope.account, scope.now_ms, ACCOUNT)
        rests.append(ContactRest("account", until_ms or 0))
    return max(rests, key=lambda rest: rest.until_ms, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictMultipliers:
    """Multipliers of each option by reason, shape (options,); all are 1 where there are no verdicts."""

    streak: np.ndarray
    market: np.ndarray
    business: np.ndarray
    snoozed_until_ms: np.ndarray  # 0 where neither the pair nor its contact rests

    @classmethod
    def neutral(cls, option_count: int) -> "VerdictMultipliers":
        """Return multipliers of 1, and nothing at rest."""
        ones = np.ones(option_count)
        return cls(streak=ones, market=ones, business=ones, snoozed_until_ms=np.zeros(option_count, np.int64))

    @classmethod
    def join(cls, parts: Sequence["VerdictMultipliers"]) -> "VerdictMultipliers":
        """Return the multipliers of several contacts end to end."""
        return (
            parts[0]
            if len(parts) == 1
            else cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__})
        )

    def snoozes_only(self) -> "VerdictMultipliers":
        """Return multipliers of 1 with the same options at rest."""
        return replace(VerdictMultipliers.neutral(len(self.streak)), snoozed_until_ms=self.snoozed_until_ms)


def verdict_multipliers(
    products: np.ndarray,
    own: ContactVerdicts | None,
    cross_contact: CrossContactVerdicts,
    scope: RequestScope,
    streak: Streak,
) -> VerdictMultipliers:
    """Return what verdicts do to each option of one contact.

    Parameters
    ----------
    products
        Product number of each option, shape (options,).
    own
        The contact's verdicts; None where it has none, the usual case.
    cross_contact
        Verdicts that act beyond their contact.
    scope
        Time of the request, segment, account and actor.
    streak
        The policy's settings.

    """
    if own is None and not cross_contact.any:
        return VerdictMultipliers.neutral(len(products))
    now_ms, ones = scope.now_ms, np.ones(len(products))
    pairs, snoozed = ones, np.zeros(len(products), np.int64)
    if own is not None:
        pairs = _of_runs(own.pairs, products, now_ms, Scope(0, streak.half_life_days), streak)
        rests = {product: until_ms for product, until_ms in sorted(own.snoozed.items()) if until_ms > now_ms}
        if rests:
            known, until_ms = np.array(list(rests)), np.array(list(rests.values()), np.int64)
            snoozed = _look_up(known, products, lambda: until_ms, 0)
    if (rest := contact_rest(own, cross_contact, scope)) is not None:
        snoozed = np.maximum(snoozed, rest.until_ms)

    def by_votes(of: VoteScope, keys: np.ndarray) -> np.ndarray:
        return cross_contact.of(of).multipliers(keys, now_ms, of, streak)

    business = ones
    if scope.business_counts and (len(cross_contact.admin.key) or len(cross_contact.actor.key)):
        business = by_votes(ADMIN, scope.categories)
        if scope.actor:
            business = business * by_votes(ACTOR, mix(scope.actor, scope.categories))
    market = ones
    if len(cross_contact.segment.key) or len(cross_contact.tenant.key):
        of_segment = by_votes(SEGMENT, mix(scope.categories, scope.segment))
        market = _stronger(of_segment, by_votes(TENANT, scope.categories))
    return VerdictMultipliers(streak=pairs, market=market, business=business, snoozed_until_ms=snoozed)


def _stronger(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return of two multipliers the one farther from 1, so that a vote never counts twice."""
    return np.where(np.abs(np.log(first)) >= np.abs(np.log(second)), first, second)


def rationale_multipliers(
    own: ContactVerdicts | None, models: Sequence[int], now_ms: int, streak: Streak
) -> np.ndarray | None:
    """Return the multiplier of each model's scores for one contact, shape (models,); None where all are 1.

    `models` are the digests of the models' names. A refused rationale lowers the model behind it.
    """
    if own is None or not len(own.rationales.key):
        return None
    values = own.rationales.multipliers(now_ms, RATIONALE, streak)
    by_key = dict(zip(own.rationales.key.tolist(), values.tolist(), strict=True))
    if by_key.keys().isdisjoint(models):
        return None
    return np.array([by_key.get(key, 1.0) for key in models])


def choose_value(
    values: Sequence[str], digests: Sequence[int], runs: Runs | None, now_ms: int, streak: Streak
) -> str | None:
    """Return the attribute value with the best multiplier; the first of equals, None where there is none to choose.

    One discard is enough to prefer another value, though its multiplier is lowered by the second only.

    Parameters
    ----------
    values
        What may be chosen, the preferred first.
    digests
        Digest of each value.
    runs
        The contact's verdicts on such values; None where there are none.
    now_ms
        Time of the request, milliseconds since 1970.
    streak
        The policy's settings.

    """
    if runs is None or not len(runs.key) or len(values) < 2:
        return values[0] if values else None
    best = runs.multipliers(now_ms, Scope(CHOICE.free_run - 1, CHOICE.half_life_days), streak)
    by_digest = dict(zip(runs.key.tolist(), best.tolist(), strict=True))
    scores = [by_digest.get(digest, 1.0) for digest in digests]
    return values[scores.index(max(scores))]


def _of_runs(runs: Runs, keys: np.ndarray, now_ms: int, scope: Scope, streak: Streak) -> np.ndarray:
    """Return the multiplier of each key's run, 1 where the key has none."""
    return _look_up(runs.key, keys, lambda: runs.multipliers(now_ms, scope, streak), 1.0)


def _look_up(known: np.ndarray, keys: np.ndarray, values: Callable[[], np.ndarray], otherwise: float) -> np.ndarray:
    """Return the value of each key, given those of known keys in ascending order; `otherwise` where it is not known."""
    if not len(known):
        return np.full(len(keys), otherwise)
    places = np.minimum(known.searchsorted(keys), len(known) - 1)
    return np.where(known[places] == keys, values()[places], otherwise)
