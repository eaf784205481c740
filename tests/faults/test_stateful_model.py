"""Random walks through the services, step for step beside a plain model: what is counted is what the model says."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from dog.bootstrap import create_runtime
from dog.core.iso_weeks import week_end_ms
from dog.errors import NotFound
from dog.services.data.erase import erase
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.read_multipliers import activate_published, every_row
from dog.services.runtime import Runtime
from dog.services.weekly.recount import recount
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.multiplier_versions import read_versions, read_weeks
from dog.storage.store import Store
from tests.conftest import Clock
from tests.faults.houses import START, go_to_week, house_of_its_own
from tests.faults.rows import Row, Scale
from tests.faults.test_duplicates import settled

ROW = 9
KINDS = ("pitch", "pitch", "win", "loss", "accept", "discard")


class Walk:
    """One walk: the service, and what a plain model of it holds."""

    def __init__(self, runtime: Runtime, store: Store, clock: Clock, chance: random.Random) -> None:
        self.runtime, self.store, self.clock, self.chance = runtime, store, clock, chance
        self.events: dict[str, Mapping[str, Any]] = {}  # counted ones
        self.sent: dict[str, Mapping[str, Any]] = {}  # all that were ever accepted
        self.erased: set[str] = set()
        self.published: dict[str, dict[Any, tuple[int, int]]] = {}  # by version
        self.week = 1
        self.mismatches: list[str] = []

    def step(self) -> None:
        """Take one step at random."""
        steps = (self.send, self.send, self.send, self.repeat, self.contradict, self.retract, self.publish)
        self.chance.choice((*steps, self.roll_back, self.erase, self.restart))()

    def _draw(self) -> dict[str, Any]:
        at_ms = round(START.timestamp() * 1000) + self.chance.randrange(self.week * 7 * 86_400_000)
        return {
            "event_id": f"e{len(self.sent)}-{self.chance.random()}",
            "type": self.chance.choice(KINDS),
            "contact_id": f"c{self.chance.randrange(5)}",
            "product_id": f"p{self.chance.randrange(3)}",
            "occurred_at": f"{_iso(min(at_ms, self.clock.now_ms))}",
        }

    def send(self) -> None:
        batch = [self._draw() for _ in range(self.chance.randint(1, 8))]
        for event, result in zip(batch, record_feedback(self.store, batch, self.clock.now_ms), strict=True):
            gone = event["contact_id"] in self.erased
            self._expect(result.code if gone else result.status, "contact_erased" if gone else "accepted", "send")
            if not gone:
                self.events[event["event_id"]] = self.sent[event["event_id"]] = event

    def repeat(self) -> None:
        if self.sent:
            event = self.chance.choice(list(self.sent.values()))
            self._expect(record_feedback(self.store, [event], self.clock.now_ms)[0].status, "duplicate", "repeat")

    def contradict(self) -> None:
        if self.sent:
            event = {**self.chance.choice(list(self.sent.values())), "value": 3.5}
            found = record_feedback(self.store, [event], self.clock.now_ms)[0]
            self._expect(found.code, "event_id_conflict", "contradict")

    def retract(self) -> None:
        if self.sent:
            event_id = self.chance.choice(list(self.sent))
            self._expect(retract_feedback(self.store, event_id), event_id in self.events, "retract")
            self.events.pop(event_id, None)

    def publish(self) -> None:
        self.week += 1
        go_to_week(self.clock, self.week)
        run_recompute(self.runtime, "default", force=True)
        for week, version in read_weeks(self.store).items():  # a replay renews those of past weeks, too
            end_ms = week_end_ms(week, self.runtime.settings.zone)
            seen = [event for event in self.events.values() if _ms(event["occurred_at"]) < end_ms]
            self.published.setdefault(version, settled(seen))
        self._compare("publish")
        self._expect(recount(self.runtime, "default"), [], "recount")

    def roll_back(self) -> None:
        kept = [version.version for version in read_versions(self.store) if version.version in self.published]
        if kept:
            activate_published(self.runtime, "default", self.chance.choice(kept))
            self._compare("roll back")

    def erase(self) -> None:
        if self.chance.random() < 0.2:
            contact = f"c{self.chance.randrange(5)}"
            known = any(event["contact_id"] == contact for event in self.sent.values())
            try:
                erase(self.runtime, "default", contact)
                self._expect(known, True, "erase")
                self.erased.add(contact)
            except NotFound:
                self._expect(known, False, "erase an unknown one")
            self.events = {i: e for i, e in self.events.items() if e["contact_id"] != contact}
            self.sent = {i: e for i, e in self.sent.items() if e["contact_id"] != contact}
            for version, pairs in self.published.items():
                self.published[version] = {pair: n for pair, n in pairs.items() if pair[0] != contact}

    def restart(self) -> None:
        self.runtime.shared(DecisionWriter).close()
        self.runtime = create_runtime(self.runtime.settings, self.runtime.redis, self.clock, server=self.runtime.server)
        self.store = self.runtime.store("default")

    def _compare(self, where: str) -> None:
        rows = every_row(self.runtime, self.store, "recommended")
        told = {(row["contact_id"], row["product_id"]): (row["wins"], row["pitches"]) for row in rows}
        snapshot = self.runtime.shared(Snapshots).current(self.store)
        expected = self.published[snapshot.version.version] if snapshot.version else {}
        self._expect(told, expected, where)

    def _expect(self, found: Any, expected: Any, where: str) -> None:
        if found != expected:
            self.mismatches.append(f"{where}: {found!r} where the model says {expected!r}"[:400])


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()


def _ms(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() * 1000


def run(scale: Scale, seed: int) -> Row:
    """Walk many times, from an empty server each time; every difference from the model is told."""
    walks, steps = (500, 50) if scale == "long" else (12, 40)
    mismatches: list[str] = []
    with house_of_its_own() as (runtime, _, clock):
        for walk_number in range(walks):
            runtime.redis.flushall()
            runtime.forget("default")
            go_to_week(clock, 1)
            fresh = create_runtime(runtime.settings, runtime.redis, clock, server=runtime.server)
            chance = random.Random(seed * 100_000 + walk_number)
            walk = Walk(fresh, fresh.store("default", create=True), clock, chance)
            for _ in range(steps):
                walk.step()
            walk.runtime.shared(DecisionWriter).close()
            mismatches += [f"walk {walk_number}: {mismatch}" for mismatch in walk.mismatches[:1]]
    note = mismatches[0] if mismatches else f"{walks} walks of {steps} steps"
    return Row("beside a plain model", walks * steps, seed, len(mismatches), 0, 0, None, note)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_step_of_a_random_walk_agrees_with_a_plain_model() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
