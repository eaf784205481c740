"""A replay of published weeks: its plan, and the versions that it has made so far.

The replayed versions form a chain of their own, from the version before the first week on. The weeks and the pointer
to the active version change once, when the last week is done; until then a killed replay has changed nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from dog.storage.store import Store

PLAN = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """Published weeks that are recomputed in order."""

    first: int
    last: int  # the latest published week
    started_ms: int  # in the versions' names, so that no replay writes into versions of another
    base: str | None  # version of the week before the first; None: the first is computed as the first week ever
    arrivals: Sequence[int]  # the frozen input of all its weeks: last arrival of each partition
    done: Mapping[int, str] = field(default_factory=dict)  # version of each week that is replayed

    @property
    def weeks(self) -> list[int]:
        """The weeks that are still to do, in order."""
        return list(range(max(self.done, default=self.first - 1) + 1, self.last + 1))

    @property
    def previous(self) -> str | None:
        """The version that the next week continues from."""
        return self.done[max(self.done)] if self.done else self.base

    def after(self, week: int, version: str) -> "Replay":
        """Return the replay with one more week done."""
        return replace(self, done={**self.done, week: version})


def begin_replay(store: Store, replay: Replay) -> None:
    """Store a plan in place of another; frozen inputs of weeks that a killed run left are older than its own."""
    plan = {"first": replay.first, "last": replay.last, "started_ms": replay.started_ms, "base": replay.base}
    key = store.keys.of("replay")
    store.execute_all(
        [
            ("DEL", key, store.keys.of("cuts")),
            ("HSET", key, PLAN, orjson.dumps({**plan, "arrivals": list(replay.arrivals)})),
        ]
    )


def read_replay(store: Store) -> Replay | None:
    """Read the replay that is under way, or that a killed run left; None where there is none."""
    fields = store.execute("HGETALL", store.keys.of("replay"))
    if PLAN.encode() not in fields:
        return None
    plan = orjson.loads(fields.pop(PLAN.encode()))
    return Replay(**plan, done={int(week): version.decode() for week, version in fields.items()})


def abandon_replay(store: Store) -> None:
    """Forget the replay that a killed run left; its versions go with the next recompute."""
    store.execute("DEL", store.keys.of("replay"))
