"""Verdicts that act beyond their contact, by vote: market, business needs, a whole account.

    scope    verdicts                            acts on                                acts from    counts for
    segment  market                              a category, in the contact's segment   2 votes      112 days
    tenant   market                              a category, for all contacts           3 votes      112 days
    actor    business, by its actor              a category, in the actor's lists       3 verdicts   360 days
    admin    business, by an admin               a category, for all contacts           1 vote       360 days
    account  discomfort: account                 all contacts of the account: they rest 1 vote       14 days

A voter has one vote in a scope, however often it speaks: against after a discard, for after an accept, none where an
accept withdraws a discard. Votes for and against cancel out. In the scope `actor` each verdict counts instead. The
strength follows the number of votes as that of a streak follows its length, and halves after 28 days (market) or 90
days (business) without another vote; a vote counts for four half-lives, an account rests as long as a product does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np

from dog.core.events import Attribute, EventType, Trigger
from dog.core.iso_weeks import DAY_MS
from dog.core.kernels.vote_multipliers import MIX, net_of_options, net_votes, vote_multiplier
from dog.core.learning.reinforcement_settings import Streak

REST_DAYS = 14
HALF_LIVES = 4
"""Half-lives for which a vote counts; by then 94 % of its effect is gone."""
MOST_COUNTED = 16
"""Newest verdicts of one voter in one scope and partition that are counted."""

NO_ROWS = slice(0, 0)


class VoteKind(IntEnum):
    """What kind of vote a verdict is."""

    MARKET = 1  # subject: category; within: segment
    ACTOR = 2  # subject: category; within: actor
    ADMIN = 3  # subject: category
    ACCOUNT = 4  # subject: account


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteScope:
    """From how many votes a scope acts, and for how long."""

    name: str
    kind: VoteKind
    trigger: str
    needed: int
    half_life_days: float
    lasts_days: float

    @property
    def is_partial(self) -> bool:
        """Whether its votes are about a part of their subject: a category in a segment, or in an actor's lists."""
        return self.name in ("segment", "actor")


def _scope(name: str, kind: VoteKind, trigger: str, *, needed: int, half_life_days: float) -> VoteScope:
    lasts_days = HALF_LIVES * half_life_days
    return VoteScope(
        name=name, kind=kind, trigger=trigger, needed=needed, half_life_days=half_life_days, lasts_days=lasts_days
    )


SEGMENT = _scope("segment", VoteKind.MARKET, "market", needed=2, half_life_days=28)
TENANT = _scope("tenant", VoteKind.MARKET, "market", needed=3, half_life_days=28)
ACTOR = _scope("actor", VoteKind.ACTOR, "business", needed=3, half_life_days=90)
ADMIN = _scope("admin", VoteKind.ADMIN, "business", needed=1, half_life_days=90)
ACCOUNT = _scope("account", VoteKind.ACCOUNT, "discomfort", needed=1, half_life_days=REST_DAYS / HALF_LIVES)
SCOPES = {scope.name: scope for scope in (SEGMENT, TENANT, ACTOR, ADMIN, ACCOUNT)}
"""The scopes by name, in the order of their numbers in `dog.core.kernels.vote_multipliers`."""
LIMITS = np.array([(scope.lasts_days * DAY_MS, scope.needed, scope.half_life_days) for scope in SCOPES.values()])


def vote_kind(kind: EventType, trigger: Trigger, attribute: Attribute, *, by_admin: bool) -> VoteKind | None:
    """Return what kind of vote a verdict is; None where it acts on its contact alone."""
    if kind not in (EventType.ACCEPT, EventType.DISCARD):
        return None
    if trigger is Trigger.MARKET:
        return VoteKind.MARKET
    if trigger is Trigger.BUSINESS:
        return VoteKind.ADMIN if by_admin else VoteKind.ACTOR
    about_account = trigger is Trigger.DISCOMFORT and attribute is Attribute.ACCOUNT
    return VoteKind.ACCOUNT if about_account else None


def mix(first: np.ndarray | int, second: np.ndarray | int) -> np.ndarray:
    """Join two 64-bit digests into one; their order matters."""
    with np.errstate(over="ignore"):
        return np.asarray((np.asarray(first, np.uint64) * MIX) ^ np.asarray(second, np.uint64))


def scope_keys(scope: VoteScope, *, subject: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Return what votes are about in a scope as one 64-bit number each; arguments are digests, shape (votes,)."""
    if scope is SEGMENT:
        return mix(subject, within)
    if scope is ACTOR:
        return mix(within, subject)
    return np.asarray(subject, np.uint64)


def scope_key(scope: VoteScope, *, subject: int, within: int) -> int:
    """Return what a vote is about in a scope as one 64-bit number, as `scope_keys`."""
    if scope is SEGMENT:
        return _mix(subject, within)
    return _mix(within, subject) if scope is ACTOR else subject


def _mix(first: int, second: int) -> int:
    return (first * int(MIX) & 0xFFFFFFFFFFFFFFFF) ^ second


@dataclass(frozen=True, kw_only=True)
class Votes:
    """The votes of one scope: a row for each key and voter (in the scope `actor` each verdict), in the order of keys.

    Parameters
    ----------
    key
        Distinct keys, ascending, shape (keys,).
    starts
        Where the rows of each key begin, shape (keys,).
    voter
        Digest of who gave the vote, shape (votes,).
    at_ms
        Time of the vote: of the voter's last verdict, milliseconds since 1970, shape (votes,).
    weight
        Votes for (positive) or against, shape (votes,).

    """

    key: np.ndarray
    starts: np.ndarray
    voter: np.ndarray
    at_ms: np.ndarray
    weight: np.ndarray

    @cached_property
    def places(self) -> Mapping[int, slice]:
        """The place of each key's rows."""
        bounds = pairwise([*self.starts.tolist(), len(self.voter)])
        return {key: slice(first, end) for key, (first, end) in zip(self.key.tolist(), bounds, strict=True)}

    def rows(self, key: int) -> slice:
        """Return the place of a key's rows; empty where it has no votes."""
        return self.places.get(key, NO_ROWS)

    def multiplier(self, key: int, now_ms: int, scope: VoteScope, streak: Streak) -> float:
        """Return the multiplier of one key at a time; 1 where it has no votes."""
        rows, lasts_ms = self.rows(key), scope.lasts_days * DAY_MS
        return vote_multiplier(
            rows.start,
            rows.stop,
            self.at_ms,
            self.weight,
            now_ms,
            lasts_ms,
            scope.needed,
            scope.half_life_days,
            streak.accept,
            streak.discard,
        )

    def net(self, key: int, now_ms: int, scope: VoteScope) -> int:
        """Return the votes for a key less those against it at a time."""
        rows = self.rows(key)
        if rows is NO_ROWS:
            return 0
        return net_votes(rows.start, rows.stop, self.at_ms, self.weight, now_ms, scope.lasts_days * DAY_MS)

    def acts_until_ms(self, key: int, now_ms: int, scope: VoteScope) -> int | None:
        """Return when a key's votes stop to act unless others come; None where they do not act."""
        ends, weight = self.at_ms[self.rows(key)] + round(scope.lasts_days * DAY_MS), self.weight[self.rows(key)]
        ends, weight = ends[ends > now_ms], weight[ends > now_ms]
        net = int(weight.sum())
        if abs(net) < scope.needed:
            return None
        order = np.argsort(ends, kind="stable")
        ends, left = ends[order], net - np.cumsum(weight[order])
        is_last = np.append(ends[1:] != ends[:-1], True)  # of those that end at the same time
        stops = is_last & ((np.abs(left) < scope.needed) | (left * net < 0))
        return int(ends[np.argmax(stops)])  # without votes nothing acts: there is one


class VoteTables(NamedTuple):
    """The votes of all scopes end to end, in the order of `SCOPES`, as kernels take them."""

    keys: np.ndarray  # shape (keys,)
    bounds: np.ndarray  # where the keys of each scope begin, and the end of the last, shape (scopes + 1,)
    starts: np.ndarray  # where the votes of each key begin, and the end of the last, shape (keys + 1,)
    at_ms: np.ndarray  # shape (votes,)
    weight: np.ndarray  # shape (votes,)
    limits: np.ndarray  # milliseconds for which a vote counts, votes needed, half-life in days, shape (scopes, 3)

    @classmethod
    def join(cls, parts: Sequence[Votes]) -> Self:
        """Join the votes of each scope."""
        ends = np.cumsum([0, *(len(part.voter) for part in parts)])
        starts = [part.starts + begin for part, begin in zip(parts, ends[:-1], strict=True)]
        return cls(
            keys=np.concatenate([part.key for part in parts]),
            bounds=np.cumsum([0, *(len(part.key) for part in parts)]),
            starts=np.concatenate([*starts, ends[-1:]]),
            at_ms=np.concatenate([part.at_ms for part in parts]),
            weight=np.concatenate([part.weight for part in parts]),
            limits=LIMITS,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossContactVerdicts:
    """The votes of a tenant, by scope."""

    segment: Votes
    tenant: Votes
    actor: Votes
    admin: Votes
    account: Votes
    given: int  # votes from which these were counted
    tables: VoteTables = field(init=False)
    any: bool = field(init=False)  # whether there are any votes: rarely

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", VoteTables.join([self.of(scope) for scope in SCOPES.values()]))
        object.__setattr__(self, "any", len(self.tables.keys) > 0)

    def net(self, categories: np.ndarray, *, segment: int, account: int, actor: int, now_ms: int) -> list[list[int]]:
        """Return the votes on options less those against, in the order of `SCOPES`, for a contact.

        `categories`, shape (options,), and the other arguments are digests.
        """
        found: list[list[int]] = net_of_options(categories, segment, account, actor, now_ms, *self.tables).tolist()
        return found

    def of(self, scope: VoteScope) -> Votes:
        """Return the votes of a scope."""
        found: Votes = getattr(self, scope.name)
        return found


def read_cross_contact(votes: np.ndarray, lifted: Mapping[tuple[str, int], int] | None = None) -> CrossContactVerdicts:
    """Count the votes of a tenant.

    Parameters
    ----------
    votes
        Records of `dog.core.records.VOTE`, each verdict once, shape (verdicts,). Of verdicts of one voter at the same
        time the last one counts; apart from that any order is right.
    lifted
        Time until which the votes of a scope (name and key) have been lifted by an admin, milliseconds since 1970.

    """
    counted = {name: _count(votes, scope, lifted or {}) for name, scope in SCOPES.items()}
    return CrossContactVerdicts(**counted, given=len(votes))


def _count(votes: np.ndarray, scope: VoteScope, lifted: Mapping[tuple[str, int], int]) -> Votes:
    """Count the votes of one scope."""
    own = votes[votes["kind"] == scope.kind]
    keys, at_ms = scope_keys(scope, subject=own["subject"], within=own["within"]), own["at"].astype(np.int64)
    for (name, key), until_ms in lifted.items():
        if name == scope.name:
            kept = (keys != np.uint64(key)) | (at_ms > until_ms)
            own, keys, at_ms = own[kept], keys[kept], at_ms[kept]
    voters, signs = own["voter"].astype(np.uint64), own["sign"].astype(np.int64)
    order = np.lexsort((at_ms, voters, keys))
    keys, voters, at_ms, signs = keys[order], voters[order], at_ms[order], signs[order]
    last = np.append((keys[1:] != keys[:-1]) | (voters[1:] != voters[:-1]), True)[: len(keys)]
    if scope is ACTOR:  # each verdict is a vote of its own
        last[:] = True
    ends = np.flatnonzero(last)
    starts = np.append(0, ends + 1)[: len(ends)]
    of_voters = keys[ends]
    is_first = np.append(True, of_voters[1:] != of_voters[:-1])[: len(ends)]
    return Votes(
        key=of_voters[is_first],
        starts=np.flatnonzero(is_first),
        voter=voters[ends],
        at_ms=at_ms[ends],
        weight=_weights(signs, starts, ends),
    )


def _weights(signs: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return the vote of each voter: its last verdict; 0 where that is an accept after a discard."""
    if not len(ends):
        return np.zeros(0, np.int64)
    has_refused = np.minimum.reduceat(signs, starts) < 0
    return np.where(signs[ends] < 0, -1, np.where(has_refused, 0, 1))
