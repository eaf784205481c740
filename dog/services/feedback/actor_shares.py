"""Share of each actor in a week's wins and losses; a warning where one actor reports more than half of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from dog.core.events import EventType
from dog.core.iso_weeks import week_of
from dog.errors import StoreError
from dog.log import log
from dog.services.background_tasks import BackgroundQueue
from dog.storage.event_counts import TOTAL, Counts, add_actor_counts, read_actor_counts
from dog.storage.event_log import Event
from dog.storage.store import Store

LARGE_SHARE = 0.5
FEWEST = 100
"""Wins (or losses) of a week below which shares mean nothing."""
MAX_ACTORS = 10_000
OTHERS = "(others)"
WRITE_SECONDS = 1.0
MAX_WAITING = 10_000
"""Requests whose counts wait; more are not counted."""
KINDS = {EventType.WIN: "win", EventType.LOSS: "loss"}

WeekCounts = Counter[tuple[int, str, str]]
"""By week, kind and actor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorShare:
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
        """Whether it is worth a warning: more than half of at least 100, with other actors."""
        return self.actors > 1 and self.total >= FEWEST and self.share > LARGE_SHARE


class ActorShares(BackgroundQueue[tuple[Store, WeekCounts]]):
    """Counts of this process, written about once a second: they only have to be nearly right."""

    def __init__(self) -> None:
        super().__init__("actor-shares", limit=MAX_WAITING, delay_seconds=WRITE_SECONDS)
        self._seen: set[tuple[str, str]] = set()
        self._warned: set[tuple[str, int, str, str]] = set()

    def add(self, store: Store, events: Sequence[Event], key_id: str, now_ms: int, zone: tzinfo) -> None:
        """Count accepted events; the actor is the one that the sender names, else the key."""
        week, counts = week_of(now_ms, zone), WeekCounts()
        for event in events:
            if event.type in KINDS:
                actor = self._known(store, event.actor_id or f"key {key_id}")
                counts[week, KINDS[event.type], actor] += 1
                counts[week, KINDS[event.type], TOTAL] += 1
        if counts:
            self.put((store, counts))

    def work(self, items: list[tuple[Store, WeekCounts]]) -> list[tuple[Store, WeekCounts]]:
        """Write the counts, one sum a tenant; return those that the store does not take."""
        sums: dict[str, tuple[Store, WeekCounts]] = {}
        for store, counts in items:
            sums.setdefault(store.tenant.name, (store, Counter()))[1].update(counts)
        left = []
        for store, counts in sums.values():
            try:
                for week in {week for week, _, _ in counts}:
                    of_week = {(kind, actor): count for (at, kind, actor), count in counts.items() if at == week}
                    self._warn(store, week, add_actor_counts(store, week, of_week))
            except StoreError:
                left.append((store, counts))
        return left

    def _known(self, store: Store, actor: str) -> str:
        """Return the name to count an actor under; beyond `MAX_ACTORS` all share one."""
        if (store.tenant.name, actor) not in self._seen:
            if len(self._seen) >= MAX_ACTORS:
                return OTHERS
            self._seen.add((store.tenant.name, actor))
        return actor

    def _warn(self, store: Store, week: int, counts: Counts) -> None:
        for (kind, actor), count in counts.items():
            total = counts[kind, TOTAL]
            found = ActorShare(kind=kind, actor=actor, count=count, total=total, actors=2 if count < total else 1)
            place = (store.tenant.name, week, kind, actor)
            if actor != TOTAL and found.is_large and place not in self._warned:
                self._warned.add(place)
                log.warning("large_share", tenant=store.tenant.name, kind=kind, actor=actor, count=count, of=total)


def largest_shares(store: Store, week: int) -> list[ActorShare]:
    """Return the actor with the largest share of the week's wins, and the one of its losses."""
    counts = read_actor_counts(store, week)
    found = []
    for kind in KINDS.values():
        of_kind = {actor: count for (name, actor), count in counts.items() if name == kind and actor != TOTAL}
        if of_kind:
            actor = max(of_kind, key=lambda name: (of_kind[name], name))
            found.append(
                ActorShare(
                    kind=kind, actor=actor, count=of_kind[actor], total=sum(of_kind.values()), actors=len(of_kind)
                )
            )
    return found
