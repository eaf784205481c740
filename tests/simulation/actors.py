"""Who acts in a run: clients that send and retract, readers, and the processes that run the weekly jobs.

A client is outside of the processes: it calls one, and where that is killed or answers 503 it calls again, maybe
another, with the same event ids. All act at the moments of a grid, so that they meet.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import orjson

from dog.errors import Conflict, DogError, NotFound, StoreUnavailable
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.list_verdicts import list_verdicts
from dog.services.feedback.record_feedback import retract_feedback
from dog.services.job_lease import LEASE_MS, Interrupted
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.event_log import read_entry
from dog.storage.week_archive import read_log
from tests.properties.protocol.world import CONTACTS, PRODUCTS, SENDERS, iso
from tests.simulation.history import Body, LogRead, Sent, Version, VersionRead
from tests.simulation.scheduler import Crashed
from tests.simulation.tenant import TENANT
from tests.simulation.world import START_MS, Node, World

DAY_MS = 86_400_000
ATTEMPTS, JOB_ATTEMPTS = 5, 3
SHARE_OF_WIDE = 0.7
"""Share of retractions that take back a verdict that acts beyond its contact, where there is one."""
KINDS = ("pitch", "win", "loss", "discard", "discard", "discard", "accept")
REASONS: tuple[Body, ...] = (
    {"trigger": "market"},
    {"trigger": "market"},
    {"trigger": "business"},
    {"trigger": "discomfort", "attribute": "account"},
    {"trigger": "performance"},
)
ACTORS = ("ann", "ben", "cat")
CLIENTS = ("rep", "crm", "admin")
"""Keys of the clients, as in `SENDERS`."""


class Unanswered(Exception):
    """The process died, or the answer was 503: the call may have had its effect."""


def call(world: World, process: str, what: str, body: Callable[[Node], Any]) -> Any:
    """Call a process; return its answer, or raise a `DogError` that was its answer."""
    node = world.nodes[process]
    if not node.alive:
        world.scheduler.pause(seconds=1)
        raise Unanswered
    task = world.scheduler.spawn(f"{node.name} {what}", lambda: body(node), node, is_awaited=True)
    world.scheduler.pause(until=lambda: task.done)
    if task.error is None:
        return task.result
    if isinstance(task.error, Crashed | StoreUnavailable):
        raise Unanswered from task.error
    raise task.error


class Client:
    """Sends events, some of them again or under an id that is taken, and takes some back."""

    def __init__(self, world: World, key: str, *, actions: int, grid_ms: int) -> None:
        self.world, self.key, self.actions, self.grid_ms = world, key, actions, grid_ms
        self.chance, self.sent = world.chance, world.history.sent

    def run(self) -> None:
        """Act some times."""
        for _ in range(self.actions):
            wait_for_grid(self.world, self.grid_ms, self.chance.choice((0, 0, 1, 2)))
            act = self.chance.choice((self.send_new, self.send_new, self.send_old, self.retract, self.retract))
            act()

    def send_new(self) -> None:
        """Send one to three new events."""
        self._send([self._draw() for _ in range(self.chance.choice((1, 1, 2, 3)))])

    def send_old(self) -> None:
        """Send an event again that anybody has sent, maybe with another body."""
        if not self.sent:
            return
        sent = self.chance.choice(list(self.sent.values()))
        version = self.chance.choice(sent.versions)
        body = version.body
        if self.chance.random() < 0.3:
            body = {**body, "actor_id": self.chance.choice(ACTORS)}
        self._send([body], key=version.sender)  # a vote is its first sender's

    def retract(self) -> None:
        """Take an event back that anybody has sent."""
        if not self.sent:
            return
        wide = [sent for sent in self.sent.values() if sent.is_wide and sent.retract_sent_step is None]
        among = wide if wide and self.chance.random() < SHARE_OF_WIDE else list(self.sent.values())
        sent, steps = self.chance.choice(among), self.world.scheduler
        was_there = sent.acknowledged_step is not None
        sent.retract_sent_step = sent.retract_sent_step or steps.steps

        def retract(node: Node) -> bool:
            return retract_feedback(node.runtime.store(TENANT), sent.event_id)

        for _ in range(ATTEMPTS):
            try:
                call(self.world, self._any_process(), f"retracts {sent.event_id}", retract)
            except Unanswered:
                steps.pause(seconds=self.chance.random())
            except NotFound as error:
                if was_there and error.code == "unknown_event":
                    self.world.history.forgotten.append(sent.event_id)
                return
            except Conflict:
                return  # archived
            else:
                sent.retracted_step = sent.retracted_step or steps.steps
                return

    def _draw(self) -> Body:
        number, now_ms = len(self.sent), self.world.scheduler.now_ms
        at_ms = round(now_ms) // 1000 * 1000 - self.chance.randrange(10 * DAY_MS) // 1000 * 1000 + number % 1000
        kind = self.chance.choice(KINDS)
        body: Body = {
            "event_id": f"e{number}",
            "type": kind,
            "contact_id": self.chance.choice(list(CONTACTS)),
            "product_id": self.chance.choice(list(PRODUCTS)),
            "occurred_at": iso(at_ms - DAY_MS),
        }
        if self.chance.random() < 0.7:
            body["actor_id"] = self.chance.choice(ACTORS)
        if kind in ("discard", "accept"):
            body["reason"] = self.chance.choice(REASONS)
        self.sent[body["event_id"]] = Sent(body["event_id"])
        return body

    def _send(self, bodies: list[Body], key: str | None = None) -> None:
        key, steps = key or self.key, self.world.scheduler
        versions = [self._version_of(body, key) for body in bodies]

        def answer(node: Node) -> dict[str, Any]:
            return answer_feedback(node.runtime, TENANT, bodies, substitute=False, sender=SENDERS[key])

        what = " ".join(body["event_id"] for body in bodies)
        for _ in range(self.chance.choice((1, ATTEMPTS))):
            try:
                results = call(self.world, self._any_process(), f"takes {what}", answer)["results"]
            except Unanswered:
                steps.pause(seconds=self.chance.random() * 2)
                continue
            for version, result in zip(versions, results, strict=True):
                self._note(version, result)
            return

    def _version_of(self, body: Body, key: str) -> Version:
        sent = self.sent[body["event_id"]]
        for version in sent.versions:
            if version.body == body:
                return version
        sent.versions.append(Version(body, key, self.world.scheduler.steps))
        return sent.versions[-1]

    def _note(self, version: Version, result: dict[str, Any]) -> None:
        if result["status"] in ("accepted", "duplicate"):
            version.acknowledged_step = version.acknowledged_step or self.world.scheduler.steps
            return
        is_contested = len(self.sent[result["event_id"]].versions) > 1 and version.acknowledged_step is None
        if result["code"] not in ("week_closed", "future_event", "store_full", *["event_id_conflict"] * is_contested):
            self.world.history.faults.append(f"unexpected answer {result}")

    def _any_process(self) -> str:
        return self.chance.choice(("api 1", "api 2"))


class Reader:
    """Reads lists, multipliers, verdicts and logs from one process."""

    def __init__(self, world: World, process: str, *, reads: int, grid_ms: int) -> None:
        self.world, self.process, self.reads, self.grid_ms = world, process, reads, grid_ms

    def run(self) -> None:
        """Read some times."""
        chance = self.world.chance
        for _ in range(self.reads):
            wait_for_grid(self.world, self.grid_ms, chance.choice((0, 0, 1, 2)))
            look = chance.choice((self.list, self.pairs, self.log, self.log, self.verdicts))
            contact = chance.choice(list(CONTACTS))
            with suppress(Unanswered):
                call(self.world, self.process, f"{look.__name__} of {contact}", partial(look, contact))

    def list(self, contact: str, node: Node) -> None:
        """Read a list."""
        began = self.world.scheduler.steps
        request = ListRequest(contact, explain="full", dry_run=self.world.chance.random() < 0.5)
        found = recommend(node.runtime, TENANT, request)
        body = orjson.loads(found.body)
        numbers = {
            (contact, item["product_id"]): numbers_of(item["factors"]["performance"])
            for item in body["items"]
            if "performance" in item["factors"]
        }
        self._keep("list", node, began, body.get("multiplier_version"), numbers, is_degraded=found.degraded is not None)

    def pairs(self, _contact: str, node: Node) -> None:
        """Read all pairs of the active version."""
        began = self.world.scheduler.steps
        page = read_multipliers(
            node.runtime, TENANT, contact_id=None, product_id=None, policy="recommended", cursor=None, limit=1000
        )
        if {row["version"] for row in page["items"]} - {page["version"]}:
            self.world.history.faults.append(f"rows of other versions beside {page['version']}")
        numbers = {(row["contact_id"], row["product_id"]): numbers_of(row) for row in page["items"]}
        self._keep("pairs", node, began, page["version"], numbers)

    def log(self, contact: str, node: Node) -> None:
        """Read a contact's log and ledgers."""
        began = self.world.scheduler.steps
        self.world.history.log_reads.append(read_counts(node, contact, began, lambda: self.world.scheduler.steps))

    def verdicts(self, _contact: str, node: Node) -> None:
        """List the verdicts that act beyond their contact."""
        list_verdicts(node.runtime, TENANT)

    def _keep(
        self,
        kind: str,
        node: Node,
        began: int,
        version: str | None,
        numbers: dict[tuple[str, str], tuple[float, ...]],
        *,
        is_degraded: bool = False,
    ) -> None:
        self.world.history.version_reads.append(
            VersionRead(
                kind=kind,
                process=node.name,
                began=began,
                ended=self.world.scheduler.steps,
                version=version,
                is_degraded=is_degraded,
                numbers=numbers,
            )
        )


def read_counts(node: Node, contact: str, began: int, step: Callable[[], int]) -> LogRead:
    """Read a contact's log; return the ids of the events that count, and of those that were taken back."""
    store = node.runtime.store(TENANT)
    found = read_log(store, store.tenant.contact(contact))
    ids = {orjson.loads(entry)[0]: read_entry(contact, entry) is not None for entry in found.log.values()}
    return LogRead(
        contact=contact,
        began=began,
        ended=step(),
        counted=frozenset(event_id for event_id, counts in ids.items() if counts),
        retracted=frozenset(event_id for event_id, counts in ids.items() if not counts),
    )


def numbers_of(row: dict[str, Any]) -> tuple[float, ...]:
    """Return the numbers of a pair that its version decides."""
    return tuple(row[name] for name in ("wins", "pitches", "evidence_wins", "evidence_pitches", "multiplier"))


def run_jobs(world: World, node: Node, grid_ms: int) -> None:
    """Publish what is due and archive, again and again; where that fails, again after the lease of a dead process."""
    while True:
        for _ in range(JOB_ATTEMPTS):
            try:
                run_recompute(node.runtime, TENANT)
                archive(node.runtime, TENANT)
            except (DogError, Interrupted):  # as the scheduler does
                world.scheduler.pause(seconds=LEASE_MS / 1000 + 1)
            else:
                break
        wait_for_grid(world, grid_ms, 1)


def wait_for_grid(world: World, grid_ms: int, places: int) -> None:
    """Wait until some moments of the grid have passed; with 0 continue at once."""
    since_ms = (world.scheduler.now_ms - START_MS) % grid_ms
    world.scheduler.pause(seconds=(places * grid_ms - since_ms) / 1000 if places else None)
