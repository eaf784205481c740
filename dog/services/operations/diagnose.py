"""Diagnose the three most common questions: why is a list empty, why has feedback no effect, why is it slow."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime
from functools import partial
from statistics import median
from time import perf_counter

import numpy as np

from dog.core.iso_weeks import format_week, week_end_ms, week_of
from dog.core.policy.policy_settings import START
from dog.errors import DogError
from dog.services.lists.excluded_options import find_excluded
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import Ranking, rank_request
from dog.services.lists.snapshot import Snapshots
from dog.services.publishing.sample_ranker import sample_contacts
from dog.services.runtime import Runtime
from dog.storage.connection import read_memory_usage
from dog.storage.event_counts import TOTAL, read_actor_counts
from dog.storage.multiplier_versions import due_weeks
from dog.storage.store import Store


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check, and how to correct it."""

    about: str
    says: str
    _: KW_ONLY
    ok: bool = True
    fix: str | None = None


SAMPLE = 20
SLOW_TRIP_MS = 2.0
SLOW_LIST_MS = 20.0
OFFERED = ("snooze", "active", "request")
"""Reasons of exclusion other than rules."""
REMEDIES = {
    "snooze": "nothing: what was discarded comes back by itself after its rest (14 days, then longer)",
    "active": "dog load products FILE with other active_from or active_to",
    "request": "leave them out of exclude",
}


def diagnose_empty_lists(runtime: Runtime, store: Store) -> Iterator[Finding]:
    """Rank options for some contacts and report why lists are empty."""
    contacts = list(sample_contacts(store, SAMPLE))
    if not contacts:
        yield Finding(
            "lists",
            "no contact is loaded, so only requests with candidates of their own get a list",
            ok=False,
            fix="dog load contacts FILE",
        )
        return
    unscored, empty, started, reasons = 0, 0, 0, Counter[str]()
    for contact_id in contacts:
        try:
            ranking = rank_request(runtime, store, ListRequest(contact_id))
        except DogError as error:
            yield Finding("lists", error.message, ok=False, fix="fix that first, then run doctor again")
            return
        if not ranking.options.product_ids:
            unscored += 1
        elif not len(ranking.ranked.chosen):
            empty += 1
            reasons.update(reason.rule_id for reason in find_excluded(ranking).reasons)
        else:
            started += _is_of_start_alone(ranking)
    looked = f"of {len(contacts)} sampled contacts"
    if unscored:
        yield Finding(
            "lists",
            f"{looked}, {unscored} get an empty list: no model of the policy has a score for them",
            ok=False,
            fix="dog jobs train, or dog load scores FILE",
        )
    if empty:
        name, count = reasons.most_common(1)[0]
        what = "the rule" if name not in OFFERED else "the reason"
        yield Finding(
            "lists",
            f"{looked}, {empty} get an empty list though there are scores: every option is excluded, most "
            f"({count:,} of {reasons.total():,}) by {what} '{name}'",
            ok=False,
            fix=REMEDIES.get(name, f"change rule '{name}' in the policy, then: dog policy preview FILE"),
        )
    if not unscored and not empty:
        says = f"{looked}, none gets an empty list"
        alone = f"; {started} get that of the model start, since no other model has a score for them"
        fix = "dog jobs train, or dog load scores FILE" if started else None
        yield Finding("lists", says + alone if started else says, fix=fix)


def _is_of_start_alone(ranking: Ranking) -> bool:
    """Return whether no other model than start has a score of any option."""
    scores = zip(ranking.active.policy.models, ranking.options.raw, strict=True)
    return all(np.isnan(row).all() for name, row in scores if name != START)


def diagnose_feedback_effect(runtime: Runtime, store: Store) -> Iterator[Finding]:
    """Report whether feedback was received and has changed multipliers, or when it will."""
    version = runtime.shared(Snapshots).current(store).version
    this_week = week_of(runtime.clock(), runtime.settings.zone)
    waiting = {kind: count for (kind, actor), count in read_actor_counts(store, this_week).items() if actor == TOTAL}
    end = datetime.fromtimestamp(week_end_ms(this_week, runtime.settings.zone) / 1000, UTC)
    later = (
        f"{waiting.get('win', 0):,} wins and {waiting.get('loss', 0):,} losses came in this week; those that happened "
        f"in {format_week(this_week)} act on multipliers once it is published, after {end:%Y-%m-%d %H:%M} UTC; accepts "
        "and discards act at once"
    )
    if not any(store.in_partitions("SCARD", "logged")):
        yield Finding(
            "feedback",
            "none has come in yet, so every multiplier is 1",
            fix="POST /v1/feedback, or dog load feedback FILE",
        )
    elif version is None and not due_weeks(store, runtime.clock(), runtime.settings.zone):
        yield Finding(
            "feedback",
            "it has come in; multipliers follow once a week with a pitch, a win or a loss has ended",
        )
    elif version is None:
        yield Finding(
            "feedback",
            "it has come in and no week was ever published, so every multiplier is 1",
            ok=False,
            fix="dog jobs recompute, then keep running: dog jobs scheduler",
        )
    elif not version.counts.get("pitches"):
        yield Finding(
            "feedback",
            "pitches have come in and none is resolved, so win rates say nothing yet",
            fix="send wins and losses with the pitch_id of their pitch; a silent pitch counts as lost later",
        )
    else:
        moved, pairs = version.counts.get("moved", 0), version.counts.get("pairs", 0)
        yield Finding("feedback", f"the last recompute moved {moved:,.0f} of {pairs:,.0f} multipliers; {later}")
        return
    if waiting:
        yield Finding("feedback", later)


def diagnose_latency(runtime: Runtime, store: Store) -> Iterator[Finding]:
    """Time round trips and lists, and report which is slow."""
    trips = [_milliseconds(runtime.redis.ping) for _ in range(SAMPLE)]
    trip = median(trips)
    near = trip <= SLOW_TRIP_MS
    yield Finding(
        "speed of Redis",
        f"a round trip takes {trip:.2f} ms, the slowest of {SAMPLE} {max(trips):.2f} ms; a list needs one",
        ok=near,
        fix=None
        if near
        else "run the service beside Redis: the same machine or zone; or look what else Redis does (SLOWLOG)",
    )
    for place, memory in enumerate(read_memory_usage(runtime.redis)):
        used, most = memory["used_memory"], memory.get("maxmemory", 0)
        if most and used > 0.7 * most:
            says = f"server {place} uses {used:,} of {most:,} bytes: writes are refused when it is full"
            yield Finding("memory of Redis", says, ok=False, fix="raise maxmemory, or lower DOG_ARCHIVE_AFTER_WEEKS")
    contacts = list(sample_contacts(store, SAMPLE))
    if not contacts or runtime.shared(Snapshots).current(store).find_policy(None) is None:
        return
    found: list[Ranking] = []

    def make(contact_id: str) -> None:
        found.append(rank_request(runtime, store, ListRequest(contact_id)))

    make(contacts[0])  # the first one also fills the caches
    took = median(_milliseconds(partial(make, contact_id)) for contact_id in contacts)
    options = max(len(ranking.options.product_ids) for ranking in found)
    rules = len(found[0].active.policy.rules)
    says = f"a list takes {took:.1f} ms here: {trip:.1f} to Redis and back, then {options:,} options, {rules} rules"
    fix = "see dog_recommendation_stage_seconds in /metrics; have fewer rules or candidates, or more DOG_WORKERS"
    yield Finding("speed of lists", says, ok=took <= SLOW_LIST_MS, fix=fix if took > SLOW_LIST_MS else None)


def _milliseconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000
