"""Any sequence of what clients and operators do, killed anywhere, must leave what the plain model holds."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dog.bootstrap import create_runtime
from dog.services.feedback.actor_shares import ActorShares
from dog.services.runtime import Runtime
from dog.storage.multiplier_versions import KEPT_VERSIONS, read_versions
from tests.conftest import Clock
from tests.properties.protocol.crash import Crash, Killer, killed_at
from tests.properties.protocol.events import bodies, plans
from tests.properties.protocol.model import Body, PlainTenant, said
from tests.properties.protocol.tenant import LiveTenant, at_once
from tests.properties.protocol.world import (
    ACTORS,
    CONTACTS,
    DAY_MS,
    OUTCOMES,
    SENDERS,
    START_MS,
    WEEK_MS,
    Plan,
    iso,
    week_of,
)

TENANTS = st.sampled_from([0, 0, 0, 1])
SENDER_NAMES = st.sampled_from(sorted(SENDERS))
CHANGES: tuple[dict[str, Any], ...] = ({"value": 2.5}, {"actor_id": "dan"})
THEN = st.sampled_from([(), (), (), ("repeat",), ("contradict",), ("retract",), ("retract", "repeat", "contradict")])
FEWEST_STEPS = 6
"""Before what is done once in the life of a tenant."""
BATCHES = st.lists(bodies(), min_size=1, max_size=4)
FEW = st.lists(bodies(), max_size=2)
Kill = tuple[int, bool] | None
"""Before (False) or after (True) which write the process is killed; None for never."""


def kills(most: int) -> st.SearchStrategy[Kill]:
    """Draw a kill in some of the cases."""
    return st.none() | st.none() | st.tuples(st.integers(1, most), st.booleans())


class ProtocolMachine(RuleBasedStateMachine):
    """One tenant beside its plain model; after a restore two, of which the newer one is used more."""

    numbers = itertools.count()

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        super().__init__()
        self.runtime, self.clock = runtime, clock
        self.clock.now_ms = START_MS
        self.number, self.sent, self.steps = next(self.numbers), 0, 0
        self.tenants: list[LiveTenant] = []
        self.touched = 0
        self.weeks_changed = self.was_killed = False
        self.folder = TemporaryDirectory(prefix="dog-protocol-")

    def teardown(self) -> None:
        """Remove the backups."""
        self.folder.cleanup()

    @initialize(plan=plans, drawn=st.lists(bodies(), min_size=2, max_size=6), sender=SENDER_NAMES)
    def open(self, plan: Plan, drawn: list[dict[str, Any]], sender: str) -> None:
        """Load the tenant, and send the first events."""
        self._restart()
        its = LiveTenant.load(self.runtime, f"t{self.number}", PlainTenant(clock=self.clock, plan=plan))
        self.tenants = [its]
        its.send(self._written(its, drawn, sender), sender, at_once)

    # clients

    @rule(tenant=TENANTS, sender=SENDER_NAMES, drawn=BATCHES, kill=kills(8), then=THEN)
    def send(self, tenant: int, sender: str, drawn: list[dict[str, Any]], kill: Kill, then: Sequence[str]) -> None:
        """Send new events, and then one of them again, another under its id, or take it back."""
        its = self._tenant(tenant)
        written = self._written(its, drawn, sender)
        its.send(written, sender, self._runner(kill))
        for act in then:
            if act == "retract":
                its.retract(written[0]["event_id"], at_once)
            else:
                its.send([{**written[0], **(CHANGES[1] if act == "contradict" else {})}], sender, at_once)

    @rule(tenant=TENANTS, sender=SENDER_NAMES, drawn=BATCHES, kill=kills(8), then=THEN)
    def send_more(self, tenant: int, sender: str, drawn: list[dict[str, Any]], kill: Kill, then: Sequence[str]) -> None:
        """Send new events: what is done most comes twice among the rules."""
        self.send(tenant, sender, drawn, kill, then)

    @rule(tenant=TENANTS, sender=SENDER_NAMES, drawn=BATCHES, kill=st.tuples(st.integers(1, 8), st.booleans()))
    def lose(self, tenant: int, sender: str, drawn: list[dict[str, Any]], kill: Kill) -> None:
        """Send new events and be killed; they are not sent again."""
        its = self._tenant(tenant)
        its.lose(self._written(its, drawn, sender), sender, self._runner(kill, again=False))

    @rule(tenant=TENANTS, data=st.data(), more=FEW, kill=kills(6))
    def repeat(self, tenant: int, data: st.DataObject, more: list[dict[str, Any]], kill: Kill) -> None:
        """Send an event again, perhaps before new ones: one that is recorded, retracted, or was lost on its way."""
        its = self._tenant(tenant)
        if known := {**its.plain.bodies, **its.plain.unsure}:
            body, sender = known[data.draw(st.sampled_from(sorted(known)))]
            its.send([body, *self._written(its, more, sender)], sender, self._runner(kill))

    @rule(tenant=TENANTS, data=st.data(), more=FEW, change=st.sampled_from(CHANGES))
    def contradict(self, tenant: int, data: st.DataObject, more: list[dict[str, Any]], change: dict[str, Any]) -> None:
        """Send another event under an id that is taken, perhaps before new ones."""
        its = self._tenant(tenant)
        if its.plain.bodies:
            body, sender = its.plain.bodies[data.draw(st.sampled_from(sorted(its.plain.bodies)))]
            its.send([{**body, **change}, *self._written(its, more, sender)], sender, at_once)

    @rule(tenant=TENANTS, data=st.data(), kill=kills(2))
    def retract(self, tenant: int, data: st.DataObject, kill: Kill) -> None:
        """Take an event back, perhaps once more."""
        its = self._tenant(tenant)
        if its.plain.bodies:
            its.retract(data.draw(st.sampled_from(sorted(its.plain.bodies))), self._runner(kill))

    @rule(tenant=TENANTS, data=st.data(), kill=kills(2))
    def retract_verdict(self, tenant: int, data: st.DataObject, kill: Kill) -> None:
        """Take back a verdict that acts."""
        its = self._tenant(tenant)
        if its.plain.verdicts.said:
            its.retract(data.draw(st.sampled_from(sorted(its.plain.verdicts.said))), self._runner(kill))

    @precondition(lambda self: any(self.tenants[0].plain.verdicts.subjects()))
    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        """Lift a verdict."""
        its = self._tenant(0)
        its.lift(data.draw(st.sampled_from(list(its.plain.verdicts.subjects()))))

    # time and operators

    @rule(days=st.sampled_from([1, 5, 14]), milliseconds=st.sampled_from([-1, 0, 0, 0, 1]))
    def wait(self, days: int, milliseconds: int) -> None:
        """Let time continue."""
        self.clock.now_ms += days * DAY_MS + milliseconds

    @rule(weeks=st.sampled_from([1, 1, 1, 2, 4]), tenant=TENANTS, late=st.booleans(), kill=kills(60))
    def pass_weeks(self, weeks: int, tenant: int, late: bool, kill: Kill) -> None:
        """Let weeks go by, and the scheduler publish and archive them."""
        self.clock.now_ms += weeks * WEEK_MS
        self.recompute(tenant, late, kill)
        if weeks > 1:
            self.archive(tenant, None)

    @precondition(lambda self: any(its.plain.due() or its.plain.late for its in self.tenants))
    @rule(tenant=TENANTS, late=st.booleans(), kill=kills(60))
    def recompute(self, tenant: int, late: bool, kill: Kill) -> None:
        """Publish what is due, as the scheduler does after a replay of late outcomes, or without one."""
        its = self._tenant(tenant)
        its.recompute(None, self._runner(kill if not late or _keeps_versions(its.plain) else None), late=late)
        self.weeks_changed = True

    @precondition(lambda self: bool(self.tenants[0].plain.published))
    @rule(data=st.data(), kill=kills(60))
    def replay(self, data: st.DataObject, kill: Kill) -> None:
        """Replay published weeks from one on."""
        its = self._tenant(0)
        plain = its.plain
        if not plain.outcomes and not plain.carried:
            return
        asked = data.draw(st.sampled_from(sorted(plain.published)[-6:]))
        first = max(asked, plain.first_week(), week_of(plain.closed_ms))
        if first <= max(plain.published):
            its.recompute(first, self._runner(kill if _keeps_versions(plain) else None))
            self.weeks_changed = True

    @precondition(lambda self: len(self.tenants[0].plain.versions) > 1)
    @rule(data=st.data(), kill=kills(2))
    def activate(self, data: st.DataObject, kill: Kill) -> None:
        """Go back to another version."""
        its = self._tenant(0)
        kept = sorted(version.version for version in read_versions(its.store))
        its.activate(data.draw(st.sampled_from(kept)), self._runner(kill))
        self.weeks_changed = True

    @precondition(lambda self: any(its.plain.closes_until() > its.plain.closed_ms for its in self.tenants))
    @rule(tenant=TENANTS, kill=kills(30))
    def archive(self, tenant: int, kill: Kill) -> None:
        """Archive the weeks that are due."""
        self._tenant(tenant).archive(self._runner(kill))

    @precondition(lambda self: bool(self.tenants[0].plain.published))
    @rule(tenant=TENANTS, plan=plans)
    def publish_policy(self, tenant: int, plan: Plan) -> None:
        """Publish another policy."""
        self._tenant(tenant).use(plan)

    @precondition(lambda self: self.steps > FEWEST_STEPS)
    @rule(tenant=TENANTS, contact=st.sampled_from(["c1", "c4"]), kill=kills(30))
    def erase(self, tenant: int, contact: str, kill: Kill) -> None:
        """Erase a contact, perhaps once more."""
        self._tenant(tenant).erase(contact, self._runner(kill))
        self.weeks_changed = True

    @precondition(lambda self: self.steps > FEWEST_STEPS and len(self.tenants) == 1)
    @rule(kill=kills(30))
    def restore(self, kill: Kill) -> None:
        """Restore a backup as another tenant, which is used more from now on."""
        its = self.tenants[0]
        copy = its.restored(f"{its.name}r", Path(self.folder.name), self._runner(kill))
        self.tenants, self.touched, self.weeks_changed = [copy, its], 0, True

    @rule()
    def restart(self) -> None:
        """Restart the service."""
        self._restart()

    # after each step

    @invariant()
    def all_is_as_the_plain_model_says(self) -> None:
        """Compare lists, verdicts, at times ledgers, and where they may have changed multipliers."""
        if not self.tenants:
            return
        self.steps += 1
        its, other = self.tenants[self.touched], self.tenants[(1 - self.touched) % len(self.tenants)]
        contacts, actors = sorted(CONTACTS), (None, *ACTORS)
        for place in range(2):
            its.check_list(contacts[(self.steps + place) % len(contacts)], actors[(self.steps + place) % len(actors)])
        if other is not its and self.steps % 3 == 0:
            other.check_list(contacts[self.steps % len(contacts)], actors[self.steps % len(actors)])
        its.check_verdicts()
        if self.was_killed or self.steps % 4 == 0:
            its.check_ledgers()
            self.was_killed = False
        if self.weeks_changed:
            its.check_multipliers()
            self.weeks_changed = False

    # the rest

    def _tenant(self, number: int) -> LiveTenant:
        self.touched = number % len(self.tenants)
        return self.tenants[self.touched]

    def _written(self, its: LiveTenant, drawn: list[dict[str, Any]], sender: str) -> list[Body]:
        """Give events ids and times; some wins and losses name a pitch."""
        written: list[Body] = []
        for body in drawn:
            self.sent += 1
            named = {name: value for name, value in body.items() if name != "ago_ms"}
            at_ms = self.clock.now_ms - body["ago_ms"]
            one = {**named, "event_id": f"e{self.sent * 7919 % 1009}-{self.sent}", "occurred_at": iso(at_ms)}
            pitches = [pitch.event_id for pitch in its.plain.outcomes.values() if pitch.type == "pitch"]
            if body["type"] in ("win", "loss") and pitches and self.sent % 3 == 0:
                one["pitch_id"] = pitches[self.sent % len(pitches)]
            while _ties(its.plain, sender, one, written):
                at_ms -= 1
                one["occurred_at"] = iso(at_ms)
            written.append(one)
        return written

    def _runner(self, kill: Kill, *, again: bool = True) -> Callable[[Callable[[], Any]], Any]:
        """Return what runs a piece of work; where it is killed, again in a new process, or with the answer None."""
        if kill is None:
            return at_once

        def run(work: Callable[[], Any]) -> Any:
            try:
                with killed_at(Killer(kill[0], executed=kill[1])):
                    return work()
            except Crash:
                self._restart()
                self.was_killed = True
                return work() if again else None

        return run

    def _restart(self) -> None:
        """Begin with a new process: what the old one held in memory is gone, and its leases have ended."""
        old = self.runtime
        self.runtime = create_runtime(old.settings, old.redis, self.clock, server=old.server)
        self.runtime.wait = lambda _: None
        self.runtime.shared(ActorShares).close()  # its thread would write at any time; it counts nearly right only
        for its in self.tenants:
            its.runtime = self.runtime
        for lease in self.runtime.redis.scan_iter("dog:*:lease:*", count=1000):  # of a tenant half restored, too
            self.runtime.redis.delete(lease)


def _keeps_versions(plain: PlainTenant) -> bool:
    """Whether no due week drops a version that a replay continues from: a killed one may begin again after it."""
    return len(plain.published) + len(plain.due()) <= KEPT_VERSIONS


def _ties(plain: PlainTenant, sender: str, body: Body, others: list[Body]) -> bool:
    """Whether a voter says the opposite at the same millisecond of another contact: their order is undefined."""
    if body["type"] in OUTCOMES:
        return False
    one = said(body, SENDERS[sender])
    if not (keys := plain.verdicts.keys(one)):
        return False
    verdicts = (said(other, SENDERS[sender]) for other in others if other["type"] not in OUTCOMES)
    known = [*plain.verdicts.said.values(), *verdicts]
    return any(
        (other.at_ms, other.voter) == (one.at_ms, one.voter)
        and (other.contact, other.type) != (one.contact, one.type)
        and not set(keys).isdisjoint(plain.verdicts.keys(other))
        for other in known
    )
