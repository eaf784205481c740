"""Who reports how much of a week's wins and losses, and when it is so much that somebody should look."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import tzinfo

import structlog

from dog.core.events import EventType
from dog.core.iso_weeks import week_of
from dog.errors import StoreError
from dog.storage.event_counts import TOTAL, Counts, add_actor_counts, read_actor_counts
from dog.storage.event_log import Event
from dog.storage.store import Store

LARGE_SHARE = 0.5
FEWEST = 100
"""Wins (or losses) of a week from which on shares say anything."""
MOST_ACTORS = 10_000
OTHERS = "(others)"
WRITE_SECONDS = 1.0
KINDS = {EventType.WIN: "win", EventType.LOSS: "loss"}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Share:
    """The largest share that one of several actors has in a week's wins or losses."""

    kind: str
    actor: str
    count: int
    total: int
    actors: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.count / self.total

    @property
    def is_large(self) -> bool:
        """Whether somebody should look: more than half of at least 100, where there are others."""
        return self.actors > 1 and self.total >= FEWEST and self.share > LARGE_SHARE


@dataclass(slots=True)
class ActorShares:
    """Counts of one process, written once a second at most: they only have to be nearly right."""

    clock: Callable[[], float] = time.monotonic
    _waiting: dict[str, tuple[Store, Counter[tuple[int, str, str]]]] = field(default_factory=dict)
    _written_at: float = 0.0
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _warned: set[tuple[str, int, str, str]] = field(default_factory=set)

    def add(self, store: Store, events: Sequence[Event], key_id: str, now_ms: int, zone: tzinfo) -> None:
        """Count events that were accepted; the actor is who the sender says, else the key."""
        outcomes = [event for event in events if event.type in KINDS]
        if not outcomes:
            return
        week = week_of(now_ms, zone)
        counts = self._waiting.setdefault(store.tenant.name, (store, Counter()))[1]
        for event in outcomes:
            actor = self._known(store, event.actor_id or f"key {key_id}")
            counts[week, KINDS[event.type], actor] += 1
            counts[week, KINDS[event.type], TOTAL] += 1
        if self.clock() - self._written_at >= WRITE_SECONDS:
            self.write()

    def write(self) -> None:
        """Write what waits; while Redis is away it goes on waiting."""
        self._written_at = self.clock()
        for tenant, (store, counts) in list(self._waiting.items()):
            with suppress(StoreError):
                for week in {week for week, _, _ in counts}:
                    of_week = {(kind, actor): count for (at, kind, actor), count in counts.items() if at == week}
                    self._warn(store, week, add_actor_counts(store, week, of_week))
                del self._waiting[tenant]

    def close(self) -> None:
        """Write the counts that are not written yet."""
        self.write()

    def _known(self, store: Store, actor: str) -> str:
        """Name an actor, as long as there are not so many that they would be a load."""
        if (store.tenant.name, actor) not in self._seen:
            if len(self._seen) >= MOST_ACTORS:
                return OTHERS
            self._seen.add((store.tenant.name, actor))
        return actor

    def _warn(self, store: Store, week: int, counts: Counts) -> None:
        for (kind, actor), count in counts.items():
            total = counts[kind, TOTAL]
            found = Share(kind, actor, count, total, 2 if count < total else 1)
            place = (store.tenant.name, week, kind, actor)
            if actor != TOTAL and found.is_large and place not in self._warned:
                self._warned.add(place)
                log.warning("large_share", tenant=store.tenant.name, kind=kind, actor=actor, count=count, of=total)


def largest_shares(store: Store, week: int) -> list[Share]:
    """Tell who has the largest share of the week's wins, and who of its losses."""
    counts = read_actor_counts(store, week)
    found = []
    for kind in KINDS.values():
        of_kind = {actor: count for (name, actor), count in counts.items() if name == kind and actor != TOTAL}
        if of_kind:
            actor = max(of_kind, key=lambda name: (of_kind[name], name))
            found.append(Share(kind, actor, of_kind[actor], sum(of_kind.values()), len(of_kind)))
    return found
