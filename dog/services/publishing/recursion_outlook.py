"""When recursions come at this tenant's pace: how long `laps` laps take by each scope, and which ones are next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import orjson

from dog.core.iso_weeks import WEEK_MS, format_week, week_end_ms, week_of
from dog.core.learning.lap_pace import SOON_WEEKS, LapPace, NearContact
from dog.core.learning.reinforcement_settings import LapScope
from dog.core.spoken import counted, duration
from dog.services.background_tasks import BackgroundResults
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.contacts import read_arrays
from dog.storage.store import Store
from dog.storage.stretches import read_hashes

RECENT_WEEKS = 4
FRESH_MS = 600_000
FAR_WEEKS = 52
"""Of contacts that reach their next recursion later than that only the first is named."""
MOST_WEEKS = 60
"""Weeks for which laps are kept by week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecursionOutlook:
    """The pace of a tenant's laps, and what a policy's settings make of it."""

    pace: LapPace
    scope: LapScope
    is_off: bool  # a recursion changes nothing
    counted_at_ms: int
    names: Sequence[str]  # ids of the nearest contacts

    @property
    def shown(self) -> list[tuple[str, NearContact]]:
        """The nearest contacts by their ids: the first, and others that are not far."""
        near = list(zip(self.names, self.pace.nearest, strict=True))
        return near[:1] + [(name, one) for name, one in near[1:] if one.weeks <= FAR_WEEKS]

    @property
    def sentences(self) -> list[str]:
        """How long the policy's laps take, and which recursions come next."""
        return [describe_pace(self.pace, self.pace.laps_between, self.scope), *_next_ones(self)]


class RecursionOutlooks:
    """The outlook of each tenant and active policy, counted in the background and kept for ten minutes."""

    def __init__(self) -> None:
        self._found = BackgroundResults()

    def of(self, runtime: Runtime, tenant: str, policy: str, wait_seconds: float = 0.3) -> RecursionOutlook | None:
        """Return the outlook; None while it is counted for the first time."""
        active = runtime.shared(Snapshots).current(runtime.store(tenant)).policy(policy)
        key = (tenant, f"{policy} {active.version}")
        found, running = self._found.result(key)
        known = found if isinstance(found, RecursionOutlook) else None
        if not running and (known is None or runtime.clock() - known.counted_at_ms > FRESH_MS):
            self._found.start(key, partial(read_outlook, runtime, tenant, policy))
            found, _ = self._found.result(key, wait_seconds)  # small tenants are there at once
        return found if isinstance(found, RecursionOutlook) else known


def read_outlook(runtime: Runtime, tenant: str, policy: str) -> RecursionOutlook:
    """Count the laps of every contact; raise `NotFound` if the policy is not active."""
    store, now_ms = runtime.store(tenant), runtime.clock()
    snapshot = runtime.shared(Snapshots).current(store)
    settings = snapshot.policy(policy).policy.reinforcement
    published = snapshot.version.week if snapshot.version else None
    pace = count_pace(runtime, store, settings.recursion.laps, published)
    records = read_arrays(store, "contacts", "", [near.contact for near in pace.nearest])
    return RecursionOutlook(
        pace=pace,
        scope=settings.lap_scope,
        is_off=settings.recursion.n == 0,
        counted_at_ms=now_ms,
        names=[str(orjson.loads(record)["contact_id"]) if record else "unknown" for record in records],
    )


def count_pace(runtime: Runtime, store: Store, laps_between: int, published: int | None) -> LapPace:
    """Add up all laps: those of the last four weeks and the running one, and those since the published week."""
    now_ms, zone = runtime.clock(), runtime.settings.zone
    this_week = week_of(now_ms, zone)
    recent = _since_first_lap(store, range(this_week - RECENT_WEEKS, this_week + 1))
    waiting = range(
        max(this_week - MOST_WEEKS, this_week - RECENT_WEEKS if published is None else published + 1), this_week + 1
    )
    weeks = sorted({*recent, *waiting})
    length = (now_ms - week_end_ms(recent[0] - 1, zone)) / WEEK_MS if recent else 1.0
    pace = LapPace(laps_between=laps_between, weeks=max(length, 1.0))  # less than a week says little
    for contacts, laps, by_week in _read_laps(store, weeks):
        is_recent, waits = np.isin(weeks, list(recent)), np.isin(weeks, list(waiting))
        since = laps if published is None else by_week[waits].sum(axis=0)
        pace.add(contacts, laps, by_week[is_recent].sum(axis=0), since)
    return pace


def _since_first_lap(store: Store, weeks: Sequence[int]) -> Sequence[int]:
    """Return the weeks from the first one in which anybody had a lap."""
    for place, week in enumerate(weeks):
        name = format_week(week)
        partitions = range(store.tenant.partition_count)
        if any(store.execute_all(("EXISTS", store.keys.partition(p).of("laps", name)) for p in partitions)):
            return weeks[place:]
    return []


def _read_laps(store: Store, weeks: Sequence[int]) -> Iterator[tuple[list[bytes], np.ndarray, np.ndarray]]:
    """Yield by partition its contacts, their laps, shape (contacts,), and those by week, shape (weeks, contacts)."""
    for partition in range(store.tenant.partition_count):
        keys = store.keys.partition(partition)
        whole, *weekly = read_hashes(store, [keys.of("laps", suffix) for suffix in ("", *map(format_week, weeks))])
        contacts = list(whole)
        rows = [[int(found.get(contact, 0)) for contact in contacts] for found in (whole, *weekly)]
        laps = np.array(rows, np.int64).reshape(len(weeks) + 1, len(contacts))
        yield contacts, laps[0], laps[1:]


def describe_pace(pace: LapPace, laps_between: int, scope: LapScope) -> str:
    """Describe how long some laps take by the scope that counts, and by the other one."""
    laps = f"{laps_between:,} laps"
    if not pace.recent:
        return f"No list was served in the last {RECENT_WEEKS} weeks: at this pace {laps} are never reached."
    own = f"{pace.of_contact:.1f} lists a contact and week"
    by_contact, by_tenant = (duration(7 * laps_between / rate) for rate in (pace.of_contact, pace.of_tenant))
    if scope == "contact":
        return (
            f'{laps} per contact: at this tenant\'s pace ({own}) {by_contact}; with lap_scope = "tenant" {by_tenant}.'
        )
    together = f"{pace.of_tenant:,.0f} lists a week"
    return (
        f'{laps} of the tenant: at its pace ({together}) {by_tenant}; with lap_scope = "contact" {by_contact} ({own}).'
    )


def _next_ones(outlook: RecursionOutlook) -> Iterator[str]:
    pace = outlook.pace
    if outlook.is_off:
        yield "Recursions change nothing: n is 0."
        return
    if outlook.scope == "tenant":
        yield _next_of_tenant(pace)
        return
    if pace.reached:
        yield f"The next recompute applies a recursion to {counted(pace.reached, 'contact')}."
    if not pace.nearest:
        return
    served = counted(pace.contacts, "served contact")
    yield f"Of {served} {pace.soon:,} will reach the next one within {SOON_WEEKS} weeks."
    near = (f"{name} (in {counted(one.to_go, 'lap')}, {duration(7 * one.weeks)})" for name, one in outlook.shown)
    yield f"The nearest: {', '.join(near)}."


def _next_of_tenant(pace: LapPace) -> str:
    if pace.tenant_reached:
        return "The next recompute applies a recursion to every contact's pairs."
    told = f"The next recursion of every contact's pairs is {counted(pace.tenant_to_go, 'lap')} away"
    return f"{told}, {duration(7 * pace.tenant_to_go / pace.of_tenant)}." if pace.recent else f"{told}."
