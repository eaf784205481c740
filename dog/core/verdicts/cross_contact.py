"""Verdicts that reach beyond their contact: market, business needs, a whole account."""

from dataclasses import dataclass

import numpy as np

from dog.core.events import Attribute, EventType, Trigger
from dog.core.verdicts.triggers import ACCOUNT, BUSINESS, MARKET, QUORUM, Runs, runs_of

ADMIN = 1
"""In `spare` of a record: an admin gave the verdict, for the whole tenant."""

MIX = np.uint64(0x9E3779B97F4A7C15)


def mix(first: np.ndarray | int, second: np.ndarray | int) -> np.ndarray:
    """Join two 64-bit digests into one; their order matters."""
    with np.errstate(over="ignore"):
        return np.asarray((np.asarray(first, np.uint64) * MIX) ^ np.asarray(second, np.uint64))


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossContactVerdicts:
    """Runs by scope, each keyed by a digest (joined by `mix` where two things make the scope)."""

    market: Runs  # category with segment
    market_all: Runs  # category, where enough different actors refused it
    business: Runs  # actor with category
    business_all: Runs  # category, by admins
    accounts: Runs  # account

    @property
    def any(self) -> bool:
        """Whether there are any verdicts beyond a contact: rarely."""
        scopes = (self.market, self.market_all, self.business, self.business_all, self.accounts)
        return any(len(runs.key) for runs in scopes)


def read_cross_contact(ledger: np.ndarray) -> CrossContactVerdicts:
    """Return the runs of verdicts beyond a contact, by scope.

    Parameters
    ----------
    ledger
        Records of `dog.core.records.VERDICT` in any order, shape (verdicts,): `value` is the digest of the
        category or account, `substitute` that of the contact's segment, `actor` that of who gave the verdict.

    """
    ordered = ledger[np.lexsort((ledger["event"], ledger["at"]))]
    market = ordered[ordered["trigger"] == Trigger.MARKET]
    business = ordered[ordered["trigger"] == Trigger.BUSINESS]
    said_by_admin = business["spare"] == ADMIN
    account = ordered[(ordered["trigger"] == Trigger.DISCOMFORT) & (ordered["attribute"] == Attribute.ACCOUNT)]
    agreed = market[np.isin(market["value"], _with_quorum(market))]
    return CrossContactVerdicts(
        market=_runs(market, mix(market["value"], market["substitute"])),
        market_all=_runs(agreed, agreed["value"]),
        business=_runs(business[~said_by_admin], mix(business["actor"], business["value"])[~said_by_admin]),
        business_all=_runs(business[said_by_admin], business["value"][said_by_admin]),
        accounts=_runs(account, account["value"]),
    )


def _with_quorum(market: np.ndarray) -> np.ndarray:
    """Return the categories that enough different actors refused."""
    refused = market[(market["type"] == EventType.DISCARD) & (market["actor"] != 0)]
    # return_counts: without it np.unique imports numpy.ma, a third of the time of a process's first list
    pairs, _ = np.unique(np.stack([refused["value"], refused["actor"]]), axis=1, return_counts=True)
    categories, actors = np.unique(pairs[0], return_counts=True)
    return np.asarray(categories[actors >= QUORUM])


def _runs(records: np.ndarray, keys: np.ndarray) -> Runs:
    sign = np.where(records["type"] == EventType.ACCEPT, 1, -1)
    return runs_of(keys, sign, records["at"].astype(np.int64))


SCOPES = {
    "market": MARKET,
    "market_all": MARKET,
    "business": BUSINESS,
    "business_all": BUSINESS,
    "accounts": ACCOUNT,
}
"""Run length from which each scope acts, and its half-life."""
