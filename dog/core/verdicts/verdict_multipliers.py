"""What verdicts do to a request's options: one multiplier an option and reason, and the pairs that rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dog.core.learning.reinforcement_settings import Streak
from dog.core.verdicts.cross_contact import SCOPES, WideVerdicts, mix
from dog.core.verdicts.triggers import CHOICE, CONTACT, RATIONALE, Runs, Scope, Verdicts


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when a request happens, as the wide scopes see it; digests of 64 bits.

    Parameters
    ----------
    now_ms
        The instant, milliseconds since 1970.
    categories
        Digest of each option's category, shape (options,).
    segment, account, actor
        Digests of the contact's segment and account and of who asks; 0 where not known.
    business_counts
        Whether verdicts for business needs still count at this date.

    """

    now_ms: int
    categories: np.ndarray
    segment: int
    account: int
    actor: int
    business_counts: bool


@dataclass(frozen=True, slots=True)
class Influences:
    """Multipliers of each option by reason, shape (options,), all 1 where nobody said anything."""

    streak: np.ndarray
    discomfort: np.ndarray
    market: np.ndarray
    business: np.ndarray
    resting_until_ms: np.ndarray  # 0 where the pair does not rest

    @classmethod
    def neutral(cls, options: int) -> "Influences":
        """Leave every multiplier at 1, and nothing at rest."""
        ones = np.ones(options)
        return cls(ones, ones, ones, ones, np.zeros(options, np.int64))

    def unheard(self) -> "Influences":
        """Leave every multiplier at 1; what rests goes on resting."""
        return replace(Influences.neutral(len(self.streak)), resting_until_ms=self.resting_until_ms)


def influence(
    products: np.ndarray, verdicts: Verdicts | None, wide: WideVerdicts, setting: Setting, streak: Streak
) -> Influences:
    """Read what verdicts do to each option.

    Parameters
    ----------
    products
        Product number of each option, shape (options,).
    verdicts
        The contact's own; None where there are none, the usual case.
    wide
        Those that reach beyond their contact.
    setting
        Where and when.
    streak
        The policy's settings.

    Returns
    -------
    The multipliers by reason.

    """
    if verdicts is None and not wide.any:
        return Influences.neutral(len(products))
    ones = np.ones(len(products))
    own, contact, rests = ones, 1.0, np.zeros(len(products), np.int64)
    if verdicts is not None:
        pair = Scope(0, streak.half_life_days)
        own = _spread(verdicts.pairs, products, setting.now_ms, pair, streak)
        contact = float(verdicts.contact.multipliers(setting.now_ms, CONTACT, streak).prod())
        for product, until_ms in verdicts.snoozed.items():
            rests[products == product] = until_ms if until_ms > setting.now_ms else 0

    def scope(name: str, keys: np.ndarray) -> np.ndarray:
        return _spread(getattr(wide, name), keys, setting.now_ms, SCOPES[name], streak)

    account = scope("accounts", np.array([setting.account], np.uint64))[0] if setting.account else 1.0
    market = scope("market", mix(setting.categories, setting.segment)) * scope("market_all", setting.categories)
    business = ones
    if setting.business_counts:
        business = scope("business_all", setting.categories)
        if setting.actor:
            business = business * scope("business", mix(setting.actor, setting.categories))
    return Influences(own, ones * contact * account, market, business, rests)


def rationale_multipliers(
    verdicts: Verdicts | None, models: Mapping[int, str], now_ms: int, streak: Streak
) -> dict[str, float]:
    """Read the multiplier of each constituent model whose rationale the contact's users refused or accepted."""
    if verdicts is None:
        return {}
    values = verdicts.rationales.multipliers(now_ms, RATIONALE, streak)
    found = {models.get(int(key), ""): float(value) for key, value in zip(verdicts.rationales.key, values, strict=True)}
    found.pop("", None)
    return found


def choose(values: Sequence[str], digests: Sequence[int], runs: Runs | None, now_ms: int, streak: Streak) -> str | None:
    """Choose an attribute's value: the one with the best multiplier, of equals the first; None of none.

    Parameters
    ----------
    values
        What may be chosen, the preferred first.
    digests
        Digest of each.
    runs
        The contact's verdicts on such values; None where there are none.
    now_ms
        The instant, milliseconds since 1970.
    streak
        The policy's settings.

    Returns
    -------
    The value. One discard is enough to prefer another, though it takes two to lower its multiplier.

    """
    if runs is None or not len(runs.key) or len(values) < 2:
        return values[0] if values else None
    best = runs.multipliers(now_ms, Scope(CHOICE.free_run - 1, CHOICE.half_life_days), streak)
    by_digest = dict(zip(runs.key.tolist(), best.tolist(), strict=True))
    scores = [by_digest.get(digest, 1.0) for digest in digests]
    return values[scores.index(max(scores))]


def _spread(runs: Runs, keys: np.ndarray, now_ms: int, scope: Scope, streak: Streak) -> np.ndarray:
    """Give each key the multiplier of its run, 1 where it has none."""
    if not len(runs.key):
        return np.ones(len(keys))
    places = np.minimum(np.searchsorted(runs.key, keys), len(runs.key) - 1)
    return np.where(runs.key[places] == keys, runs.multipliers(now_ms, scope, streak)[places], 1.0)
