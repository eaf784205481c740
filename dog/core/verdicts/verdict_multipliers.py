"""Multipliers of a request's options that come from verdicts, one per option and reason, and the snoozed pairs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dog.core.learning.reinforcement_settings import Streak
from dog.core.verdicts.cross_contact import SCOPES, CrossContactVerdicts, mix
from dog.core.verdicts.triggers import CHOICE, CONTACT, RATIONALE, ContactVerdicts, Runs, Scope


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


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictMultipliers:
    """Multipliers of each option by reason, shape (options,); all are 1 where there are no verdicts."""

    streak: np.ndarray
    discomfort: np.ndarray
    market: np.ndarray
    business: np.ndarray
    snoozed_until_ms: np.ndarray  # 0 where the pair is not snoozed

    @classmethod
    def neutral(cls, option_count: int) -> "VerdictMultipliers":
        """Return multipliers of 1, and nothing snoozed."""
        ones = np.ones(option_count)
        snoozed = np.zeros(option_count, np.int64)
        return cls(streak=ones, discomfort=ones, market=ones, business=ones, snoozed_until_ms=snoozed)

    @classmethod
    def join(cls, parts: Sequence["VerdictMultipliers"]) -> "VerdictMultipliers":
        """Return the multipliers of several contacts end to end."""
        return (
            parts[0]
            if len(parts) == 1
            else cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__})
        )

    def snoozes_only(self) -> "VerdictMultipliers":
        """Return multipliers of 1 with the same pairs snoozed."""
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
    pairs, contact, snoozed = ones, 1.0, np.zeros(len(products), np.int64)
    if own is not None:
        pairs = _of_keys(own.pairs, products, now_ms, Scope(0, streak.half_life_days), streak)
        contact = float(own.contact.multipliers(now_ms, CONTACT, streak).prod())
        for product, until_ms in own.snoozed.items():
            snoozed[products == product] = until_ms if until_ms > now_ms else 0

    def beyond(name: str, keys: np.ndarray) -> np.ndarray:
        return _of_keys(getattr(cross_contact, name), keys, now_ms, SCOPES[name], streak)

    account = beyond("accounts", np.array([scope.account], np.uint64))[0] if scope.account else 1.0
    market = beyond("market", mix(scope.categories, scope.segment)) * beyond("market_all", scope.categories)
    business = ones
    if scope.business_counts:
        business = beyond("business_all", scope.categories)
        if scope.actor:
            business = business * beyond("business", mix(scope.actor, scope.categories))
    return VerdictMultipliers(
        streak=pairs,
        discomfort=ones * contact * account,
        market=market,
        business=business,
        snoozed_until_ms=snoozed,
    )


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


def _of_keys(runs: Runs, keys: np.ndarray, now_ms: int, scope: Scope, streak: Streak) -> np.ndarray:
    """Return the multiplier of each key's run, 1 where the key has none."""
    if not len(runs.key):
        return np.ones(len(keys))
    places = np.minimum(np.searchsorted(runs.key, keys), len(runs.key) - 1)
    return np.where(runs.key[places] == keys, runs.multipliers(now_ms, scope, streak)[places], 1.0)
