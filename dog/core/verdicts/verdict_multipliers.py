"""Multipliers of a request's options that come from verdicts, one per option and reason, and what rests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from dog.core.kernels.run_multipliers import multiply_by_runs
from dog.core.kernels.vote_multipliers import multiply_by_votes
from dog.core.learning.reinforcement_settings import Streak
from dog.core.verdicts.cross_contact import ACCOUNT, CrossContactVerdicts
from dog.core.verdicts.triggers import CHOICE, RATIONALE, ContactVerdicts, Runs, Scope

NOTHING_SAID = np.zeros((0, 4), np.int64)


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
    rest, now_ms = contact_rest(own, cross_contact, scope), scope.now_ms
    rests_until_ms = rest.until_ms if rest is not None else 0
    limits = (streak.half_life_days, streak.accept, streak.discard)
    pairs, snoozed = multiply_by_runs(products, _said(own), now_ms, rests_until_ms, *limits)
    if not cross_contact.any:
        market = business = np.ones(len(products))
    else:
        market, business = multiply_by_votes(
            scope.categories,
            scope.segment,
            scope.actor,
            scope.business_counts,
            now_ms,
            streak.accept,
            streak.discard,
            *cross_contact.tables,
        )
    return VerdictMultipliers(streak=pairs, market=market, business=business, snoozed_until_ms=snoozed)


def _said(own: ContactVerdicts | None) -> np.ndarray:
    """Return what a contact has said of products, shape (rows, 4), as `multiply_by_runs` takes it."""
    if own is None:
        return NOTHING_SAID
    numbers: list[int] = []  # of all rows: an array is made from them faster than from rows
    for product, (run, last_ms) in own.pairs.items():
        numbers += (product, run, last_ms, 0)
    for product, until_ms in own.snoozed.items():
        numbers += (product, 0, 0, until_ms)
    return np.array(numbers, np.int64).reshape(-1, 4)


def rationale_multipliers(
    own: ContactVerdicts | None, models: Sequence[int], now_ms: int, streak: Streak
) -> np.ndarray | None:
    """Return the multiplier of each model's scores for one contact, shape (models,); None where all are 1.

    `models` are the digests of the models' names. A refused rationale lowers the model behind it.
    """
    if own is None or own.rationales.keys().isdisjoint(models):
        return None
    by_key = own.rationales.by_key(now_ms, RATIONALE, streak)
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
    if not runs or len(values) < 2:
        return values[0] if values else None
    by_digest = runs.by_key(now_ms, Scope(CHOICE.free_run - 1, CHOICE.half_life_days), streak)
    scores = [by_digest.get(digest, 1.0) for digest in digests]
    return values[scores.index(max(scores))]
