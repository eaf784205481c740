"""One tenant with contacts, products and scores, beside the plain model of its verdicts; both are told the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
import pytest

from dog.core.policy.policy_reader import read_policy
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.list_verdicts import list_verdicts
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.policies.policy_store import store_policy
from dog.services.runtime import Runtime
from dog.storage.sender import FILE, Sender
from dog.storage.store import Tenant, put_tenant
from tests.conftest import SECRET, Clock
from tests.properties.protocol.plain_scopes import plain_scopes, shown
from tests.properties.protocol.plain_verdicts import Facts, PlainVerdicts, Said, Streak

CHANNELS, TIMES, MODELS = ("call", "email", "visit"), ("am", "pm"), ("cf", "frequency")
CONTACTS: dict[str, dict[str, str]] = {
    "c1": {"account_id": "a1", "segment": "gold", "channels": "call;email", "times": "pm;am"},
    "c2": {"account_id": "a1", "segment": "gold"},
    "c3": {"account_id": "a2", "segment": "iron", "channels": "visit"},
    "c4": {},
    "c5": {"account_id": "a2", "channels": "email;visit;call"},
}
PRODUCTS: dict[str, dict[str, str]] = {
    "p1": {"category": "Cereal"},
    "p2": {"category": "Cereal", "channels": "visit;email"},
    "p3": {"category": "Dairy"},
    "p4": {"category": "Dairy", "times": "am"},
    "p5": {},
    "p6": {"category": "Dairy"},  # no model has a score of it
}
SENDERS = {
    "rep": Sender(key_id="rep"),
    "rep2": Sender(key_id="rep2"),
    "crm": Sender(key_id="crm", names_actors=True),
    "admin": Sender(key_id="admin", is_admin=True),
    "admin2": Sender(key_id="admin2", is_admin=True),
    "boss": Sender(key_id="boss", is_admin=True, names_actors=True),
    "file": FILE,
}
OUTCOMES = ("pitch", "win", "loss")
PARTITIONS = 4
"""Few, so that reading all of them is quick; the contacts are in several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The settings of the tenant's policy that decide what verdicts do."""

    method: str = "stacking"
    on: str = "odds"
    market: str = "consolidated"
    business: str = "consolidated"
    until: date | None = None
    streak: Streak = field(default_factory=Streak)

    def document(self) -> dict[str, Any]:
        """Return the policy."""
        until = {} if self.until is None else {"until": self.until}
        streak = {name: getattr(self.streak, name) for name in Streak.__slots__}
        return {
            "name": "recommended",
            "models": {"cf": {"weight": 0.6}, "frequency": {"weight": 0.4}},
            "consolidation": {"method": self.method},
            "reinforcement": {"on": self.on, "streak": streak},
            "triggers": {"market": {"apply_to": self.market}, "business": {"apply_to": self.business, **until}},
            "attributes": {"channels": list(CHANNELS), "times": list(TIMES)},
        }


class VerdictHouse:
    """A tenant and its plain model."""

    def __init__(self, runtime: Runtime, clock: Clock, name: str, plan: Plan, *, is_loaded: bool = False) -> None:
        self.runtime, self.clock, self.name, self.plan = runtime, clock, name, plan
        put_tenant(runtime.redis, Tenant(name, SECRET, PARTITIONS))
        self.store = runtime.store(name)
        if not is_loaded:
            self._load()
        self.plain = self._plain_verdicts()
        self.bodies: dict[str, tuple[dict[str, Any], str]] = {}  # all events ever taken, with their sender

    def _load(self) -> None:
        scores = [
            {"contact_id": c, "product_id": p, "model": m, "score": 0.1 + 0.07 * n + 0.02 * i, "as_of": "2026-11-01"}
            for i, c in enumerate(CONTACTS)
            for n, p in enumerate(list(PRODUCTS)[:5])
            for m in MODELS
            if (p, m) != ("p5", "frequency")
        ]
        rows: dict[str, list[dict[str, Any]]] = {
            "products": [{"product_id": p, **more} for p, more in PRODUCTS.items()],
            "contacts": [{"contact_id": c, **more} for c, more in CONTACTS.items()],
            "scores": scores,
        }
        for kind, of_kind in rows.items():
            import_rows(self.store, kind, of_kind, self.runtime.settings.zone)
        store_policy(self.store, read_policy(self.plan.document()), "me", "", self.clock(), activate=True)

    def _plain_verdicts(self) -> PlainVerdicts:
        facts = Facts(
            accounts={c: more.get("account_id") for c, more in CONTACTS.items()},
            segments={c: more.get("segment") for c, more in CONTACTS.items()},
            categories={p: more.get("category") for p, more in PRODUCTS.items()},
        )
        plain, until = PlainVerdicts(facts=facts, streak=self.plan.streak, now_ms=self.clock), self.plan.until
        if until is not None:
            ends = datetime.combine(until + timedelta(days=1), time(), self.runtime.settings.zone)
            plain.business_ends_ms = ends.timestamp() * 1000
        return plain

    # sending

    def send(self, bodies: Sequence[dict[str, Any]], sender: str) -> list[dict[str, Any]]:
        """Send new events; the answer's effects are compared with the plain model and with lists."""
        before = self.multiplier(bodies[0])
        if sender == "file":
            found = record_feedback(self.store, bodies, self.clock(), zone=self.runtime.settings.zone)
            assert [result.status for result in found] == ["accepted"] * len(bodies), found
            results: list[dict[str, Any]] = [{} for _ in found]
        else:
            results = self.post(bodies, sender)
            assert [result["status"] for result in results] == ["accepted"] * len(bodies), results
        for body, result in zip(bodies, results, strict=True):
            self.bodies[body["event_id"]] = body, sender
            one = said(body, SENDERS[sender])
            if one is not None:
                self.plain.said[one.event_id] = one
            if result:
                scopes = plain_scopes(self.plain, one) if one is not None else []
                assert result["effect"]["scopes"] == [_near(scope) for scope in scopes], (body, scopes)
        if before is not None and results[0]:
            assert results[0]["effect"]["multiplier_before"] == pytest.approx(before, rel=1e-9), bodies[0]
        after = self.multiplier(bodies[-1])
        if after is not None and results[-1]:
            assert results[-1]["effect"]["multiplier_after"] == pytest.approx(after, rel=1e-9), bodies[-1]
        return results

    def post(self, bodies: Sequence[dict[str, Any]], sender: str) -> list[dict[str, Any]]:
        """Send events as they are; return the results."""
        answer = answer_feedback(self.runtime, self.name, bodies, substitute=False, sender=SENDERS[sender])
        found: list[dict[str, Any]] = answer["results"]
        return found

    # looking

    def list(self, contact: str, actor: str | None) -> dict[str, Any]:
        """Return the next list."""
        context = {"actor_id": actor} if actor else {}
        request = ListRequest(contact, dry_run=True, explain="full", context=context)
        found: dict[str, Any] = orjson.loads(recommend(self.runtime, self.name, request).body)
        return found

    def multiplier(self, body: Mapping[str, Any]) -> float | None:
        """Return the multiplier of an event's pair that the next list shows; None where it shows none."""
        if body.get("product_id") not in list(PRODUCTS)[:5]:
            return None
        items = self.list(body["contact_id"], body.get("actor_id"))["items"]
        of_pair = [item["inputs"] for item in items if item["product_id"] == body["product_id"]]
        return float(of_pair[0]["effective_multiplier"]) if of_pair else 0.0

    def check(self, contact: str, actor: str | None) -> None:
        """Compare a list with the plain model."""
        plain, found = self.plain, self.list(contact, actor)
        items = {item["product_id"]: item for item in found["items"]}
        rest = plain.rest(contact)
        if rest is not None:
            until = shown(rest.until_ms)[:19]
            assert items == {}
            assert f"the {rest.scope} rests until {until}Z: it was discarded" in found["notes"]
            return
        now_ms = self.clock()
        assert set(items) == {p for p in list(PRODUCTS)[:5] if plain.pair_rests_until(contact, p) <= now_ms}
        for product, item in items.items():
            self._check_item(contact, product, actor, item)

    def _check_item(self, contact: str, product: str, actor: str | None, item: dict[str, Any]) -> None:
        plain, plan, factors = self.plain, self.plan, item["factors"]
        market, business = plain.market(contact, product), plain.business(product, actor)
        expected = {
            "streak": plain.streak_factor(contact, product),
            "market": market if plan.market == "consolidated" else 1.0,
            "business": business if plan.business == "consolidated" else 1.0,
        }
        assert {name: factors[name] for name in expected} == _near(expected), (contact, product, actor)
        for name, model in factors["models"].items():
            factor = plain.model_factor(contact, name)
            factor *= (market if plan.market == name else 1.0) * (business if plan.business == name else 1.0)
            if plan.method == "log_pool" or (plan.on == "odds" and plan.method != "rrf"):
                factor /= 1 - model["calibrated"] + model["calibrated"] * factor
            assert model["multiplier"] == pytest.approx(factor, rel=1e-9), (contact, product, name)
        for attribute, usual in (("channel", CHANNELS), ("time", TIMES)):
            own, offered = (_values(row.get(f"{attribute}s")) for row in (CONTACTS[contact], PRODUCTS[product]))
            allowed = [value for value in own if value in (offered or own)] if own else offered
            chosen = plain.choice(contact, attribute, allowed or usual)
            assert item["attributes"][attribute] == chosen, (contact, product)

    def check_verdicts(self) -> None:
        """Compare the listed verdicts with the plain model."""
        rows = list_verdicts(self.runtime, self.name)["items"]
        found = {(row["scope"], *filter(None, (row["subject"], row["within"]))): row for row in rows}
        expected = {}
        for key in self.plain.subjects():
            until_ms, factor = self.plain.ends(key), self.plain.factor(key)
            if key[0] in ("actor", "admin") and self.clock() >= self.plain.business_ends_ms:
                factor = 1.0
            until_ms = self.plain.business_end(until_ms) if key[0] in ("actor", "admin") else until_ms
            named = tuple(filter(None, key))
            expected[named] = {
                "votes": abs(self.plain.net(key)),
                "acts": until_ms is not None,
                "factor": pytest.approx(factor, rel=1e-9),
                "until": None if until_ms is None else shown(until_ms),
            }
        told = {key: {name: row[name] for name in ("votes", "acts", "factor", "until")} for key, row in found.items()}
        assert told == expected


def _values(text: str | None) -> list[str]:
    return text.split(";") if text else []


def _near(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: pytest.approx(value, rel=1e-9) if isinstance(value, float) else value for name, value in numbers.items()
    }


def said(body: Mapping[str, Any], sender: Sender) -> Said | None:
    """Return what the plain model hears of an event; None of outcomes."""
    if body["type"] in OUTCOMES:
        return None
    reason, replaced, actor = body.get("reason", {}), body.get("replace", {}), body.get("actor_id")
    names_its_actor = sender.names_actors and actor is not None
    return Said(
        event_id=body["event_id"],
        type=body["type"],
        contact=body["contact_id"],
        product=body.get("product_id"),
        at_ms=round(datetime.fromisoformat(body["occurred_at"]).timestamp() * 1000),
        trigger=reason.get("trigger"),
        attribute=replaced.get("attribute", reason.get("attribute")),
        value=replaced.get("from", reason.get("attribute_value")),
        replacement=replaced.get("to"),
        actor=actor,
        voter=f"actor {actor}" if names_its_actor else f"key {sender.key_id}",
        by_admin=sender.is_admin and not names_its_actor,
    )


def iso(at_ms: int) -> str:
    """Write a time as events do."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()
