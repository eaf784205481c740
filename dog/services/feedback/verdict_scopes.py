"""Where a verdict acts: each scope with its votes so far, the votes it needs, its factor now, and its end."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any, NamedTuple

from dog.core.events import Attribute, EventType, Trigger
from dog.core.iso_weeks import day_end_ms, utc_time
from dog.core.learning.reinforcement_settings import Streak
from dog.core.policy.policy import Policy
from dog.core.verdicts.cross_contact import (
    ACCOUNT,
    SCOPES,
    CrossContactVerdicts,
    VoteScope,
    scope_key,
)
from dog.core.verdicts.triggers import CHOICE, RATIONALE, REPLACES_PAIR, ContactVerdicts, Runs, Scope
from dog.storage.event_log import Event
from dog.storage.store import Tenant

RESTS = 0.0
"""The factor of what rests: it is on no list."""


class VerdictSettings(NamedTuple):
    """The settings of a policy that decide what verdicts do."""

    streak: Streak
    business_ends_ms: int | None = None  # from when on business needs do not act; None where they have no end

    @classmethod
    def of(cls, policy: Policy, zone: tzinfo) -> "VerdictSettings":
        """Return those of a policy; days end in the time zone."""
        until = policy.triggers.business.until
        return cls(policy.reinforcement.streak, None if until is None else day_end_ms(until, zone))


def scopes_of(
    event: Event,
    *,
    product: int | None,
    own: ContactVerdicts | None,
    cross_contact: CrossContactVerdicts,
    tenant: Tenant,
    now_ms: int,
    settings: VerdictSettings,
) -> list[dict[str, Any]]:
    """Return the scopes of an accept, discard or restructure, as the answer to feedback shows them.

    Parameters
    ----------
    product
        Number of the event's product; None where it is about none.
    own, cross_contact
        The verdicts on its contact, and beyond contacts, with the event among them.
    settings
        Those of the policy.

    """
    found = []
    if own is not None:
        found += list(_own_scopes(event, product, own, tenant, now_ms, settings.streak))
    return found + list(_vote_scopes(event, cross_contact, tenant, now_ms, settings))


def _scope(name: str, key: str, votes: int, needed: int, factor: float, until_ms: int | None) -> dict[str, Any]:
    until = None if until_ms is None else utc_time(until_ms)
    return {"scope": name, "key": key, "votes": votes, "needed": needed, "factor": factor, "until": until}


def _own_scopes(
    event: Event, product: int | None, own: ContactVerdicts, tenant: Tenant, now_ms: int, streak: Streak
) -> Iterator[dict[str, Any]]:
    """Yield the scopes of the contact itself."""
    if product is not None:
        yield from _pair_scope(event, product, own, now_ms, streak)
    restructured = event.type is EventType.RESTRUCTURE
    if event.trigger is not Trigger.DISCOMFORT and not restructured:
        return
    if event.attribute is Attribute.CONTACT and not restructured:
        until_ms = own.contact_rests_until_ms
        rests = until_ms > now_ms
        yield _scope("contact", event.contact_id, int(rests), 1, RESTS if rests else 1.0, until_ms if rests else None)
    by_attribute = {
        Attribute.CHANNEL: (own.channels, Scope(CHOICE.free_run - 1, CHOICE.half_life_days)),
        Attribute.TIME: (own.times, Scope(CHOICE.free_run - 1, CHOICE.half_life_days)),
        Attribute.RATIONALE: (own.rationales, RATIONALE),
    }
    if event.attribute in by_attribute:
        runs, scope = by_attribute[event.attribute]
        for value in filter(None, (event.attribute_value or event.model, event.replacement)):
            key, name = tenant.digest64(value), event.attribute.name.lower()
            factor = _factor(runs, key, now_ms, scope, streak)
            yield _scope(name, value, abs(runs.of(key)), scope.free_run + 1, factor, None)


def _pair_scope(
    event: Event, product: int, own: ContactVerdicts, now_ms: int, streak: Streak
) -> Iterator[dict[str, Any]]:
    """Yield the scope of the contact-product pair, where the event acts on it."""
    if event.type is EventType.RESTRUCTURE and event.attribute not in REPLACES_PAIR:
        return
    until_ms, run = own.snoozed.get(product, 0), own.pairs.of(product)
    if until_ms > now_ms:
        yield _scope("pair", str(event.product_id), max(-run, 1), 1, RESTS, until_ms)
    else:
        factor = _factor(own.pairs, product, now_ms, Scope(0, streak.half_life_days), streak)
        yield _scope("pair", str(event.product_id), abs(run), 1, factor, None)


def _factor(runs: Runs, key: int, now_ms: int, scope: Scope, streak: Streak) -> float:
    values = dict(zip(runs.key.tolist(), runs.multipliers(now_ms, scope, streak).tolist(), strict=True))
    return float(values.get(key, 1.0))


def _vote_scopes(
    event: Event, cross_contact: CrossContactVerdicts, tenant: Tenant, now_ms: int, settings: VerdictSettings
) -> Iterator[dict[str, Any]]:
    """Yield the scopes beyond the contact in which the event is a vote."""
    if event.vote is None:
        return
    kind, subject, within, _ = event.vote
    for scope in SCOPES.values():
        if scope.kind == kind:
            key = vote_key(scope, subject, within, tenant)
            net = cross_contact.of(scope).net(key, now_ms, scope)
            factor, until_ms = vote_effect(cross_contact, scope, key, now_ms, settings)
            found = _scope(scope.name, vote_name(scope, subject, within), abs(net), scope.needed, factor, until_ms)
            yield {**found, "direction": direction_of(net)}


def direction_of(net: int) -> str:
    """Return whether votes for less those against are against, for, or even."""
    return "against" if net < 0 else "for" if net > 0 else "even"


def vote_effect(
    cross_contact: CrossContactVerdicts, scope: VoteScope, key: int, now_ms: int, settings: VerdictSettings
) -> tuple[float, int | None]:
    """Return the factor of a scope's votes at a time, 0 where they rest an account, and until when they act.

    The end is None where they do not act: too few votes, or the policy has ended business needs.
    """
    votes, ends_ms = cross_contact.of(scope), settings.business_ends_ms if scope.trigger == "business" else None
    if ends_ms is not None and ends_ms <= now_ms:
        return 1.0, None
    until_ms = votes.acts_until_ms(key, now_ms, scope)
    if until_ms is not None and ends_ms is not None:
        until_ms = min(until_ms, ends_ms)
    if scope is ACCOUNT:
        return RESTS if votes.net(key, now_ms, scope) <= -scope.needed else 1.0, until_ms
    return votes.multiplier(key, now_ms, scope, settings.streak), until_ms


def vote_key(scope: VoteScope, subject: str, within: str, tenant: Tenant) -> int:
    """Return the key of a subject in a scope."""
    return scope_key(scope, subject=tenant.digest64(subject), within=tenant.digest64(within))


def vote_name(scope: VoteScope, subject: str, within: str) -> str:
    """Return what the votes of a scope are about, readable: Cereal, or Cereal/gold."""
    return f"{subject}/{within}" if scope.is_partial else subject
