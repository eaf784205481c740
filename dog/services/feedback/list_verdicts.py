"""Verdicts that act beyond one contact: listed with their votes and effect, and lifted by an admin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import orjson

from dog.core.iso_weeks import DAY_MS, utc_time
from dog.core.learning.reinforcement_settings import Streak
from dog.core.verdicts.cross_contact import SCOPES, CrossContactVerdicts, VoteScope
from dog.errors import InvalidInput, NotFound
from dog.services.feedback.feedback_effects import policy_of
from dog.services.feedback.verdict_scopes import VerdictSettings, direction_of, vote_effect, vote_key, vote_name
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.runtime import Runtime
from dog.storage.audit_log import record_audit_entry
from dog.storage.contacts import read_arrays
from dog.storage.store import Store
from dog.storage.votes import KeptVote, lift_votes, read_ballots, read_votes_on

MAX_LIMIT = 100
MOST_TOUCHED = 50
"""Contacts and products that a row names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What some votes are about, in one scope."""

    scope: VoteScope
    subject: str
    within: str  # segment or actor; empty in other scopes
    key: int

    @property
    def verdict_id(self) -> str:
        """Id of the row: the scope, and its key in hexadecimal digits."""
        return f"{self.scope.name}-{self.key:016x}"


def list_verdicts(
    runtime: Runtime, tenant: str, *, scope: str | None = None, cursor: str | None = None, limit: int = MAX_LIMIT
) -> dict[str, Any]:
    """Return a page of the scopes that have votes, those that act first, then the newest.

    Parameters
    ----------
    scope
        Name of the only scope to list; None for all.
    cursor
        `next_cursor` of the page before.

    Raises
    ------
    InvalidInput
        There is no such scope, or the cursor is of no row.

    """
    if scope is not None and scope not in SCOPES:
        raise InvalidInput(f"unknown scope '{scope}'; the scopes are {', '.join(SCOPES)}", code="unknown_scope")
    store = runtime.store(tenant)
    snapshot = runtime.shared(Snapshots).current(store)
    ballots = read_ballots(store)
    subjects = {subject.verdict_id: subject for subject in _subjects(store, ballots)}
    rows = [
        row
        for subject in subjects.values()
        if scope in (None, subject.scope.name) and (row := _row(runtime, snapshot, subject)) is not None
    ]
    rows.sort(key=lambda row: row["id"])
    rows.sort(key=lambda row: (row["acts"], row["last_at"]), reverse=True)
    begins = _place_after(rows, cursor)
    page = rows[begins : begins + limit]
    voters = {store.tenant.digest64(vote.voter): vote.voter for vote in ballots}
    shown = [_detailed(store, row, subjects[row["id"]], voters, snapshot.cross_contact) for row in page]
    return {"items": shown, "next_cursor": page[-1]["id"] if begins + limit < len(rows) else None}


def lift_verdict(runtime: Runtime, tenant: str, verdict_id: str) -> dict[str, Any]:
    """End the effect of a scope's votes given until now; later ones count.

    Raises
    ------
    NotFound
        No votes have that id.

    """
    store = runtime.store(tenant)
    snapshot, now_ms = runtime.shared(Snapshots).current(store), runtime.clock()
    subject = next((it for it in _subjects(store, read_ballots(store)) if it.verdict_id == verdict_id), None)
    if subject is None:
        raise NotFound(f"no verdict has the id '{verdict_id}'; see GET /v1/verdicts", code="unknown_verdict")
    votes = snapshot.cross_contact.of(subject.scope)
    at_ms = votes.at_ms[votes.rows(subject.key)]
    lift_votes(store, subject.scope.name, subject.key, max([now_ms, *at_ms.tolist()]))  # a clock may run fast
    name = vote_name(subject.scope, subject.subject, subject.within)
    record_audit_entry(store.redis, tenant, "verdict.lift", verdict_id, scope=subject.scope.name, key=name)
    return {"id": verdict_id, "status": "lifted", "repeated": not len(at_ms)}


def _subjects(store: Store, ballots: Iterable[KeptVote]) -> list[_Subject]:
    """Return what the ballots are about, each once in every scope that counts them."""
    found: dict[str, _Subject] = {}
    for vote in ballots:
        for scope in SCOPES.values():
            if scope.kind == vote.kind:
                within = vote.within if scope.is_partial else ""
                key = vote_key(scope, vote.subject, within, store.tenant)
                subject = _Subject(scope=scope, subject=vote.subject, within=within, key=key)
                found[subject.verdict_id] = subject
    return list(found.values())


def _row(runtime: Runtime, snapshot: Snapshot, subject: _Subject) -> dict[str, Any] | None:
    """Return the votes of a subject and their effect; None where none counts any more."""
    scope, votes, now_ms = subject.scope, snapshot.cross_contact.of(subject.scope), runtime.clock()
    at_ms = votes.at_ms[votes.rows(subject.key)]
    if not len(at_ms) or at_ms.max() + scope.lasts_days * DAY_MS <= now_ms:
        return None
    net = votes.net(subject.key, now_ms, scope)
    factor, until_ms = vote_effect(
        snapshot.cross_contact, scope, subject.key, now_ms, _settings(snapshot, runtime.settings.zone)
    )
    return {
        "id": subject.verdict_id,
        "scope": scope.name,
        "trigger": scope.trigger,
        "key": vote_name(scope, subject.subject, subject.within),
        "subject": subject.subject,
        "within": subject.within or None,
        "direction": direction_of(net),
        "votes": abs(net),
        "needed": scope.needed,
        "acts": until_ms is not None,
        "factor": factor,
        "until": None if until_ms is None else utc_time(until_ms),
        "last_at": utc_time(int(at_ms.max())),
    }


def _detailed(
    store: Store, row: dict[str, Any], subject: _Subject, voters: dict[int, str], cross_contact: CrossContactVerdicts
) -> dict[str, Any]:
    """Return a row with who voted, and the contacts and products of the verdicts."""
    votes = cross_contact.of(subject.scope)
    place = votes.rows(subject.key)
    said: dict[int, tuple[int, int]] = {}  # weight and time of the last, by voter; an actor has a row a verdict
    columns = (votes.voter[place].tolist(), votes.weight[place].tolist(), votes.at_ms[place].tolist())
    for voter, weight, at_ms in zip(*columns, strict=True):
        before, last_ms = said.get(voter, (0, 0))
        said[voter] = before + weight, max(last_ms, at_ms)
    within = subject.within if subject.scope.is_partial else None
    kept = read_votes_on(store, subject.scope.kind, subject.subject, within, MOST_TOUCHED)
    return {
        **row,
        "voters": [
            {"voter": voters.get(voter, "unknown"), "weight": weight, "at": utc_time(at_ms)}
            for voter, (weight, at_ms) in said.items()
        ],
        "contacts": _contact_ids(store, [vote.contact for vote in kept]),
        "products": sorted({vote.product_id for vote in kept if vote.product_id}),
    }


def _contact_ids(store: Store, digests: Sequence[bytes]) -> list[str]:
    distinct = list(dict.fromkeys(digests))
    records = read_arrays(store, "contacts", "", distinct)
    return sorted(str(orjson.loads(record)["contact_id"]) for record in records if record is not None)


def _place_after(rows: Sequence[dict[str, Any]], cursor: str | None) -> int:
    if cursor is None:
        return 0
    place = next((place for place, row in enumerate(rows) if row["id"] == cursor), None)
    if place is None:
        raise InvalidInput("invalid cursor, or its votes no longer count; omit it")
    return place + 1


def _settings(snapshot: Snapshot, zone: tzinfo) -> VerdictSettings:
    if not snapshot.policies:
        return VerdictSettings(Streak())
    return VerdictSettings.of(snapshot.policies[policy_of(snapshot, {})].policy, zone)
