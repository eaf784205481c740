"""Any sequence of verdicts, of two tenants in one Redis, acts as the plain model says, step by step."""

import itertools
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dog.services.feedback.list_verdicts import lift_verdict, list_verdicts
from dog.services.feedback.record_feedback import retract_feedback
from dog.services.runtime import Runtime
from dog.services.weekly.recount import recount
from tests.conftest import NOW, Clock
from tests.properties.plain_verdicts import DAY_MS, Streak
from tests.properties.verdict_tenant import (
    CHANNELS,
    CONTACTS,
    MODELS,
    PRODUCTS,
    SENDERS,
    TIMES,
    Plan,
    VerdictHouse,
    iso,
    said,
)

NUMBERS = itertools.count()
HOUSES = st.sampled_from([0, 1])
ACTORS = ("ann", "ben", "cat")
DAYS_AGO = (0, 0, 0, 1, 5, 13, 14, 15, 40, 100, 112, 150, 355, 400)
VALUES = {"channel": CHANNELS, "time": TIMES, "rationale": MODELS, "product": tuple(PRODUCTS)}
TRIGGERS = (None, "performance", "market", "market", "business", "business", "discomfort")
ATTRIBUTES = ("product", "contact", "account", "channel", "time", "rationale")
WITHOUT_PRODUCT = ("contact", "account", "channel", "time")

plans = st.builds(
    Plan,
    method=st.sampled_from(["stacking", "mean", "log_pool", "rrf"]),
    on=st.sampled_from(["odds", "score"]),
    market=st.sampled_from(["consolidated", *MODELS]),
    business=st.sampled_from(["consolidated", *MODELS]),
    until=st.sampled_from([None, None, date(2026, 11, 20), date(2027, 1, 15)]),
    streak=st.sampled_from([Streak(), Streak(accept=1.1, discard=0.8, half_life_days=10.0)]),
)


@st.composite
def bodies(draw: Callable[..., Any]) -> dict[str, Any]:
    """Draw an event without id and time."""
    kind = draw(st.sampled_from(["discard"] * 5 + ["accept"] * 3 + ["restructure", "pitch", "win", "loss"]))
    body = {
        "type": kind,
        "contact_id": draw(st.sampled_from(sorted(CONTACTS))),
        "product_id": draw(st.sampled_from(sorted(PRODUCTS))),
        "days_ago": draw(st.sampled_from(DAYS_AGO)),
    }
    if actor := draw(st.sampled_from([None, *ACTORS])):
        body["actor_id"] = actor
    if kind in ("accept", "discard"):
        _give_reason(draw, body)
    elif kind == "restructure":
        attribute = draw(st.sampled_from(ATTRIBUTES))
        ends = draw(st.permutations(VALUES.get(attribute, ("this", "that"))))
        body["replace"] = {"attribute": attribute, "from": ends[0], "to": ends[1]}
        if attribute == "product":
            body["product_id"] = ends[0]
    return body


def _give_reason(draw: Callable[..., Any], body: dict[str, Any]) -> None:
    trigger = draw(st.sampled_from(TRIGGERS))
    reason = {} if trigger is None else {"trigger": trigger}
    if trigger == "discomfort" or draw(st.integers(0, 9)) == 0:
        reason["attribute"] = draw(st.sampled_from(ATTRIBUTES))
        if reason["attribute"] in ("channel", "time", "rationale"):
            reason["attribute_value"] = draw(st.sampled_from(VALUES[reason["attribute"]]))
        if body["type"] == "discard" and reason["attribute"] in WITHOUT_PRODUCT and draw(st.booleans()):
            del body["product_id"]
    if reason:
        body["reason"] = reason


class VerdictMachine(RuleBasedStateMachine):
    """Two tenants, each beside its plain model."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        super().__init__()
        self.runtime, self.clock = runtime, clock
        self.clock.now_ms = round(NOW.timestamp() * 1000)
        self.tenants: list[VerdictHouse] = []
        self.steps = self.sent = 0
        self.touched = 0

    @initialize(first=plans, second=plans)
    def open(self, first: Plan, second: Plan) -> None:
        """Load both tenants."""
        number, plans = next(NUMBERS), enumerate((first, second))
        self.tenants = [VerdictHouse(self.runtime, self.clock, f"t{number}-{side}", plan) for side, plan in plans]

    @rule(tenant=HOUSES, sender=st.sampled_from(sorted(SENDERS)), drawn=st.lists(bodies(), min_size=1, max_size=3))
    def send(self, tenant: int, sender: str, drawn: list[dict[str, Any]]) -> None:
        """Send new events."""
        written: list[dict[str, Any]] = []
        for body in drawn:
            self.sent += 1
            at_ms = self.clock.now_ms - body["days_ago"] * DAY_MS
            named = {name: value for name, value in body.items() if name != "days_ago"}
            one = {**named, "event_id": f"e{self.sent * 7919 % 1009}-{self.sent}", "occurred_at": iso(at_ms)}
            while self._ties(tenant, sender, one, written):
                at_ms -= 1
                one["occurred_at"] = iso(at_ms)
            written.append(one)
        self.touched = tenant
        self.tenants[tenant].send(written, sender)

    def _ties(self, tenant: int, sender: str, body: dict[str, Any], others: list[dict[str, Any]]) -> bool:
        """Whether a voter says the opposite at the same millisecond of another contact: their order is undefined."""
        plain, one = self.tenants[tenant].plain, said(body, SENDERS[sender])
        if one is None or not (keys := plain.keys(one)):
            return False
        known = [*plain.said.values(), *filter(None, (said(other, SENDERS[sender]) for other in others))]
        return any(
            (other.at_ms, other.voter) == (one.at_ms, one.voter)
            and (other.contact, other.type) != (one.contact, one.type)
            and not set(keys).isdisjoint(plain.keys(other))
            for other in known
        )

    @rule(tenant=HOUSES, data=st.data())
    def repeat(self, tenant: int, data: st.DataObject) -> None:
        """Send an event again, or another body under its id."""
        if not (known := self.tenants[tenant].bodies):
            return
        self.touched = tenant
        body, sender = known[data.draw(st.sampled_from(sorted(known)))]
        by = sender if sender != "file" else "crm"
        assert self.tenants[tenant].post([body], by)[0]["status"] == "duplicate"
        assert self.tenants[tenant].post([{**body, "value": 2.5}], by)[0]["code"] == "event_id_conflict"

    @rule(tenant=HOUSES, data=st.data(), again=st.booleans())
    def retract(self, tenant: int, data: st.DataObject, again: bool) -> None:
        """Take an event back, perhaps once more, and send it again: it stays away."""
        its = self.tenants[tenant]
        if not its.bodies:
            return
        self.touched = tenant
        event_id = data.draw(st.sampled_from(sorted(its.bodies)))
        counted = event_id in its.plain.said
        body, sender = its.bodies[event_id]
        if body["type"] not in ("pitch", "win", "loss"):
            assert retract_feedback(its.store, event_id) is counted
        its.plain.said.pop(event_id, None)
        if again:
            assert retract_feedback(its.store, event_id) is False or body["type"] in ("pitch", "win", "loss")
            assert its.post([body], sender if sender != "file" else "crm")[0]["status"] == "duplicate"

    @precondition(lambda self: self.tenants and any(tenant.plain.said for tenant in self.tenants))
    @rule(tenant=HOUSES, data=st.data())
    def lift(self, tenant: int, data: st.DataObject) -> None:
        """Lift a verdict."""
        its = self.tenants[tenant]
        if not (keys := list(its.plain.subjects())):
            return
        self.touched = tenant
        key = data.draw(st.sampled_from(keys))
        rows = list_verdicts(self.runtime, its.name, scope=key[0])["items"]
        named = {(row["scope"], *filter(None, (row["subject"], row["within"]))): row["id"] for row in rows}
        its.plain.lifted[key] = max([self.clock.now_ms, *(vote.at_ms for vote in its.plain.votes(key))])
        assert lift_verdict(self.runtime, its.name, named[tuple(filter(None, key))])["repeated"] is False

    @rule(days=st.sampled_from([1, 1, 5, 14, 28, 90, 112]), milliseconds=st.sampled_from([-1, 0, 0, 0, 1]))
    def wait(self, days: int, milliseconds: int) -> None:
        """Let time go on."""
        self.clock.now_ms += days * DAY_MS + milliseconds

    @invariant()
    def lists_are_those_of_the_plain_model(self) -> None:
        """Compare several lists of the tenant touched, and one of the other."""
        if not self.tenants:
            return
        self.steps += 1
        its, other = self.tenants[self.touched], self.tenants[1 - self.touched]
        contacts, actors = sorted(CONTACTS), (None, *ACTORS)
        for place, contact in enumerate(contacts):
            its.check(contact, actors[(self.steps + place) % len(actors)])
        other.check(contacts[self.steps % len(contacts)], actors[self.steps % len(actors)])
        its.check_verdicts()
        assert recount(self.runtime, its.name) == []


def _run(runtime: Runtime, clock: Clock, examples: int, steps: int) -> None:
    class Walk(VerdictMachine):
        def __init__(self) -> None:
            super().__init__(runtime, clock)

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )


def test_every_step_of_any_sequence_of_verdicts_acts_as_the_plain_model_says(runtime: Runtime, clock: Clock) -> None:
    _run(runtime, clock, 12, 20)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_long_sequences_of_verdicts_act_as_the_plain_model_says(runtime: Runtime, clock: Clock) -> None:
    _run(runtime, clock, 60, 40)
