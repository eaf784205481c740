"""A tenant as plain dicts: what was sent, taken back, erased, archived and published, and what must follow from it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from dog.storage.sender import Sender
from tests.conftest import Clock
from tests.properties.protocol.plain_verdicts import PlainVerdicts, Said
from tests.properties.protocol.plain_weeks import (
    NO_EVIDENCE_RATE,
    Counts,
    Outcome,
    Pair,
    Version,
    carry_forward,
    recompute_week,
)
from tests.properties.protocol.world import (
    DAY_MS,
    FACTS,
    OUTCOMES,
    PRODUCTS,
    SENDERS,
    WEEK_MS,
    Plan,
    ms,
    week_end_ms,
    week_of,
)

ARCHIVE_AFTER_WEEKS = 2
Body = Mapping[str, Any]
ScoreToday = Callable[[Pair, float], float | None]


@dataclass(kw_only=True)
class PlainTenant:
    """What a tenant holds, and the answers that follow from it."""

    clock: Clock
    plan: Plan
    verdicts: PlainVerdicts = field(init=False)
    bodies: dict[str, tuple[Body, str]] = field(default_factory=dict)  # with their senders; the ids that are claimed
    unsure: dict[str, tuple[Body, str]] = field(default_factory=dict)  # not recorded; perhaps their ids are claimed
    refused: set[str] = field(default_factory=set)  # ids that may be claimed although their events were refused
    retracted: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)  # outcomes of published weeks that no version has seen
    daily: Counter[tuple[int, str]] = field(default_factory=Counter)  # events with a product by UTC day and type
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    carried: dict[Pair, Counts] = field(default_factory=dict)  # of archived weeks
    products: set[str] = field(default_factory=lambda: set(PRODUCTS))
    erased: set[str] = field(default_factory=set)
    closed_ms: int = 0
    published: dict[int, Version] = field(default_factory=dict)  # by week
    published_ms: dict[int, int] = field(default_factory=dict)  # when each week was published first
    names: dict[int, str] = field(default_factory=dict)  # of the versions of weeks
    versions: dict[str, Version] = field(default_factory=dict)  # those that were ever made, by name
    active: str | None = None

    def __post_init__(self) -> None:
        self.verdicts = PlainVerdicts(facts=FACTS, streak=self.plan.streak, now_ms=self.clock)
        self.use(self.plan)

    def copied(self) -> "PlainTenant":
        """Return a tenant of its own that holds the same."""
        other = replace(self)
        for one in fields(self):
            if isinstance(held := getattr(self, one.name), dict | set):
                setattr(other, one.name, held.copy())
        other.verdicts.said = self.verdicts.said.copy()
        other.verdicts.lifted = self.verdicts.lifted.copy()
        return other

    def use(self, plan: Plan) -> None:
        """Use another policy."""
        self.plan = plan
        self.verdicts.streak, self.verdicts.business_ends_ms = plan.streak, float("inf")
        if plan.until is not None:
            end = datetime.combine(plan.until + timedelta(days=1), time(), UTC)
            self.verdicts.business_ends_ms = end.timestamp() * 1000

    @property
    def version(self) -> Version | None:
        """The active version."""
        return None if self.active is None else self.versions[self.active]

    @property
    def rate(self) -> float:
        """The tenant's win rate, as lists use it."""
        return self.version.rate if self.version else NO_EVIDENCE_RATE

    @property
    def published_until_ms(self) -> int:
        """The end of the last published week."""
        return week_end_ms(max(self.published)) if self.published else 0

    # events

    def answer(self, body: Body) -> str:
        """Return what an event is answered with: its status, or the code of its refusal."""
        if body["contact_id"] in self.erased:
            return "contact_erased"
        if ms(body["occurred_at"]) < self.closed_ms:
            return "week_closed"
        if body["event_id"] not in self.bodies:
            return "accepted"
        return "duplicate" if self.bodies[body["event_id"]][0] == body else "event_id_conflict"

    def record(self, body: Body, sender: str, score: float | None) -> None:
        """Record an accepted event."""
        self.unsure.pop(body["event_id"], None)
        self.bodies[body["event_id"]] = body, sender
        self._count(body, 1)
        if body["type"] in OUTCOMES:
            if ms(body["occurred_at"]) < self.published_until_ms:
                self.late.add(body["event_id"])
            self.outcomes[body["event_id"]] = Outcome(
                event_id=body["event_id"],
                type=body["type"],
                contact=body["contact_id"],
                product=body["product_id"],
                at_ms=ms(body["occurred_at"]),
                pitch_id=body.get("pitch_id"),
                score=score if body["type"] == "pitch" else None,
            )
        else:
            one = said(body, SENDERS[sender])
            self.verdicts.said[one.event_id] = one

    def retract(self, event_id: str) -> bool | str:
        """Take an event back; return what is answered: whether it counted, or the code of the refusal."""
        if event_id not in self.bodies:
            return "unknown_event"
        if ms(self.bodies[event_id][0]["occurred_at"]) < self.closed_ms:
            return "week_closed" if event_id in self.outcomes else "unknown_event"
        if event_id in self.retracted:
            return False
        self.retracted.add(event_id)
        self._count(self.bodies[event_id][0], -1)
        self.outcomes.pop(event_id, None)
        self.verdicts.said.pop(event_id, None)
        return True

    def _count(self, body: Body, by: int) -> None:
        if "product_id" in body:
            self.daily[ms(body["occurred_at"]) // DAY_MS, body["type"]] += by

    def erase(self, contact: str) -> None:
        """Erase a contact."""
        self.erased.add(contact)
        for held in (self.bodies, self.unsure):
            for event_id in [name for name, (body, _) in held.items() if body["contact_id"] == contact]:
                del held[event_id]
                self.retracted.discard(event_id)
        self.outcomes = {name: one for name, one in self.outcomes.items() if one.contact != contact}
        self.carried = {pair: counts for pair, counts in self.carried.items() if pair[0] != contact}
        self.verdicts.said = {name: one for name, one in self.verdicts.said.items() if one.contact != contact}
        self.published = {week: version.without(contact) for week, version in self.published.items()}
        self.versions = {name: version.without(contact) for name, version in self.versions.items()}

    # weeks

    def due(self) -> list[int]:
        """Return the weeks that are to be published."""
        if not self.published and not self.outcomes:
            return []
        first = max(self.published) + 1 if self.published else self.first_week()
        return list(range(first, week_of(self.clock())))

    def first_week(self) -> int:
        """Return the week of the first outcome; that of archived ones is not known any more."""
        return 0 if self.carried else min(week_of(one.at_ms) for one in self.outcomes.values())

    def first_late_week(self) -> int | None:
        """Return the week of the earliest outcome that no version has seen, of those that are not archived."""
        weeks = [week_of(self.outcomes[name].at_ms) for name in self.late & self.outcomes.keys()]
        return max(min(weeks), week_of(self.closed_ms)) if weeks else None

    def recompute(self, kept: Iterable[str], replay_from: int | None, score_today: ScoreToday) -> list[int]:
        """Publish the due weeks after replaying those from a week on; return which weeks are new.

        `kept` holds the names of the versions that the store has: a replay continues from one of them, or from none.
        """
        weeks = self.due()
        last = max(self.published, default=None)
        if replay_from is not None and last is not None:
            weeks = [*range(replay_from, last + 1), *weeks]
        for week in weeks:
            before = self.published.get(week - 1)
            if week == replay_from and self.names.get(week - 1, "") not in kept:
                before = None
            self.published[week] = recompute_week(
                week, self.plan, before, self.outcomes.values(), self.carried, self.products, score_today
            )
            self.published_ms.setdefault(week, self.clock())
        if weeks:
            self.late.clear()
        return weeks

    def name(self, names: Mapping[int, str], weeks: Iterable[int]) -> None:
        """Take the names that the service gave to the versions of some weeks; the last is active."""
        for week in weeks:
            self.names[week] = self.active = names[week]
            self.versions[names[week]] = self.published[week]

    def closes_until(self) -> int:
        """Return until when weeks are archived, or to be."""
        until_ms = self.closed_ms
        for week, at_ms in sorted(self.published_ms.items()):
            if at_ms + ARCHIVE_AFTER_WEEKS * WEEK_MS > self.clock():
                break
            until_ms = week_end_ms(week)
        return until_ms

    def archive(self) -> bool:
        """Archive the weeks that are due; return whether any is."""
        until_ms = self.closes_until()
        if until_ms == self.closed_ms:
            return False
        self.closed_ms = until_ms
        matured_ms = min(until_ms, self.clock() - self.plan.maturation_days * DAY_MS)
        of_pair = defaultdict[Pair, list[Outcome]](list)
        for one in self.outcomes.values():
            of_pair[one.contact, one.product].append(one)
        for pair, outcomes in of_pair.items():
            gone, left = carry_forward(outcomes, self.carried.get(pair, Counts()), until_ms, matured_ms)
            if gone:
                self.carried[pair] = left
                self.outcomes = {name: one for name, one in self.outcomes.items() if name not in gone}
        said = self.verdicts.said
        self.verdicts.said = {name: one for name, one in said.items() if one.at_ms >= until_ms}
        forgotten = week_of(until_ms) - 1
        for event_id in [
            name for name, (body, _) in self.bodies.items() if week_of(ms(body["occurred_at"])) < forgotten
        ]:
            del self.bodies[event_id]
            self.retracted.discard(event_id)
        return True


def said(body: Body, sender: Sender) -> Said:
    """Return what the plain model hears of a verdict."""
    reason, replaced, actor = body.get("reason", {}), body.get("replace", {}), body.get("actor_id")
    names_its_actor = sender.names_actors and actor is not None
    return Said(
        event_id=body["event_id"],
        type=body["type"],
        contact=body["contact_id"],
        product=body.get("product_id"),
        at_ms=ms(body["occurred_at"]),
        trigger=reason.get("trigger"),
        attribute=replaced.get("attribute", reason.get("attribute")),
        value=replaced.get("from", reason.get("attribute_value")),
        replacement=replaced.get("to"),
        actor=actor,
        voter=f"actor {actor}" if names_its_actor else f"key {sender.key_id}",
        by_admin=sender.is_admin and not names_its_actor,
    )
