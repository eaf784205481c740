"""Play random cases against a checkout, tenant by tenant: load, weeks, policies, then one case after the other."""

import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import orjson

from tests.recorded.masks import REQUEST
from tests.recorded.random_cases.policies import make_faulty_policy, make_random_policy
from tests.recorded.random_cases.requests import (
    make_bad_request,
    make_contacts_request,
    make_feedback,
    make_list_request,
    make_odd_door,
)
from tests.recorded.random_cases.world import RandomWorld, make_random_world, make_week
from tests.recorded.stage import Stage

CASES_A_WORLD = 150
POLICIES_A_WORLD = 10
SHIPPED = ("recommended", "published")
EVENTS_A_CALL = 500
LISTS_A_WEEK = 40
SHADOW_SECONDS = 5
LISTS = "/v1/recommendations"


@dataclass(slots=True)
class Tenant:
    """The tenant at play: what cases need to know of it."""

    stage: Stage
    world: RandomWorld
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: list[dict[str, Any]] = field(default_factory=list)
    """Requests whose decisions are kept under an id of their own."""

    @property
    def names(self) -> list[str]:
        """Return the names of its policies."""
        return [*SHIPPED, *self.policies]

    def ask(self, name: str, method: str, path: str, body: Any = None, key: str = "seller") -> Any:
        """Send a request; record the answer, and what was asked."""
        return self.stage.ask(name, method, path, body, key=self.stage.keys[key], shows_body=True)

    def put(self, name: str, policy: dict[str, Any]) -> None:
        """Publish a policy, and know it if it is accepted."""
        answer = self.ask(name, "PUT", f"/v1/policies/{policy['name']}", policy, key="admin")
        if answer.status == 200:
            self.policies[policy["name"]] = policy


def play_random_cases(stage: Stage, *, cases: int, seed: int, only_world: int | None = None) -> None:
    """Play that many cases; each tenant starts with nothing held in memory."""
    stage.part = "random"
    for number in range(-(-cases // CASES_A_WORLD)):
        if only_world in (None, number):
            count = min(CASES_A_WORLD, cases - number * CASES_A_WORLD)
            began = time.monotonic()
            _play_world(stage, make_random_world(seed, number), seed=seed, cases=count)
            sys.stderr.write(f"random world {number}: {time.monotonic() - began:.1f} s\n")


def _play_world(stage: Stage, world: RandomWorld, *, seed: int, cases: int) -> None:
    stage.clock.set(world.begin - timedelta(hours=12))
    stage.service.restart()
    stage.keys.clear()
    prefix = f"w{world.number}"
    for name, scopes in (("admin", "recommend,feedback,read,admin"), ("seller", "recommend,feedback,read,actors")):
        stage.make_key(name, scopes, tenant=prefix, record=f"{prefix} key-{name}")
    tenant, rng = Tenant(stage, world), random.Random(f"{seed} history {world.number}")
    for kind, rows in world.rows.items():
        if kind != "transactions":
            stage.ask(f"{prefix} load {kind}", "POST", f"/v1/{kind}", rows)
    for number in range(POLICIES_A_WORLD):
        tenant.put(f"{prefix} policy {number}", make_random_policy(rng, f"q{number}", world, list(tenant.policies)))
    _play_weeks(tenant, prefix, rng)
    for number in range(cases):
        chance = random.Random(f"{seed} case {world.number} {number}")
        stage.clock.advance(chance.choice([1, 7, 70]))
        play_case = chance.choices(list(CASES), list(CASES.values()))[0]
        play_case(tenant, chance, f"{prefix} {number:03}")
    for policy in rng.sample(tenant.names, 2):
        words = ("jobs", "--tenant", prefix, "batch", "--policy", policy, "--k", "5", "--out")
        stage.export(f"{prefix} batch {policy}", f"{prefix}-{policy}.csv", *words)
    if world.number % 3 == 0:
        _play_degraded(tenant, prefix, rng)


def _play_weeks(tenant: Tenant, prefix: str, rng: random.Random) -> None:
    stage, world = tenant.stage, tenant.world
    for week in range(world.weeks):
        stage.clock.set(world.begin + timedelta(weeks=week, days=4))
        events = make_week(rng, world, week)
        for start in range(0, len(events), EVENTS_A_CALL):
            body = {"events": events[start : start + EVENTS_A_CALL]}
            stage.ask(f"{prefix} week {week} {start}", "POST", "/v1/feedback", body, key=stage.keys["seller"])
        _pitch_lists(tenant, f"{prefix} week {week}", rng)
    stage.clock.set(world.begin + timedelta(weeks=world.weeks, hours=6))
    if "transactions" in world.rows:
        (stage.work / "transactions.ndjson").write_bytes(b"\n".join(map(orjson.dumps, world.rows["transactions"])))
        stage.run(f"{prefix} transactions", "dog", "--tenant", prefix, "load", "transactions", "transactions.ndjson")
        stage.run(f"{prefix} train", "jobs", "--tenant", prefix, "train", "--force")
    if world.weeks:
        stage.run(f"{prefix} recompute", "jobs", "--tenant", prefix, "recompute", "--force")
        stage.ask(f"{prefix} multipliers", "GET", "/v1/multipliers?limit=500")


def _pitch_lists(tenant: Tenant, name: str, rng: random.Random) -> None:
    """Pitch the first items of some lists: what is pitched by which channel and at which time is learned."""
    events = []
    for number in range(LISTS_A_WEEK):
        decision = f"{name} {number}"
        body = {"contact_id": rng.choice(tenant.world.contact_ids), "decision_id": decision, "k": 2, "explain": "none"}
        answer = tenant.stage.ask(f"{decision} list", "POST", LISTS, body)
        for item in answer.json.get("items", ()):
            about = {"decision_id": decision, "rank": item["rank"]}
            events.append({"event_id": f"{decision} {item['rank']}", "type": "pitch", **about})
            is_won = rng.random() < (0.6 if item["attributes"].get("channel") == "call" else 0.1)
            outcome = {"event_id": f"{decision} {item['rank']} o", "type": "win" if is_won else "loss", **about}
            events.append(outcome)
    tenant.stage.ask(f"{name} pitched", "POST", "/v1/feedback", {"events": events})


def _list(tenant: Tenant, rng: random.Random, name: str) -> None:
    """Ask for a list, then for what is kept of it; some requests are sent again, as they were or changed."""
    if tenant.kept and rng.random() < 0.05:
        again = rng.choice(tenant.kept)
        tenant.ask(f"{name} again", "POST", LISTS, again if rng.random() < 0.6 else again | {"k": 4})
        return
    body = make_list_request(rng, tenant.world, tenant.names)
    settings = tenant.policies.get(body["policy"], {})
    # the order of a random control follows from the id of the decision, so it must not be a random one
    if "variants" in settings or rng.random() < 0.5:
        body["decision_id"] = name
    answer = tenant.ask(f"{name} list", "POST", LISTS, body)
    if answer.status != 200 or body.get("dry_run"):
        return
    if "decision_id" in body:
        tenant.kept.append(body)
    if "shadow" in settings and "decision_id" in body:
        _shadow_list(tenant, body, name)
    # reading a decision writes it, so that what comes next finds it
    product = rng.choice(tenant.world.product_ids)
    path = f"/v1/decisions/{answer.json['decision_id']}?explain=full"
    tenant.ask(f"{name} kept", "GET", path + rng.choice(["", f"&why_not={product}"]))


def _shadow_list(tenant: Tenant, body: dict[str, Any], name: str) -> None:
    """Wait for the challenger's list, and record it; it is told only where all that is held of a contact is."""
    path, give_up = f"/v1/contacts/export?contact_id={quote(body['contact_id'])}", time.monotonic() + SHADOW_SECONDS
    shadow = None
    while shadow is None and time.monotonic() < give_up:
        held = tenant.stage.look(path)["decisions"]
        shadow = next((each.get("shadow") for each in held if each["decision_id"] == body["decision_id"]), None)
        time.sleep(0.005)
    tenant.stage.note(f"{name} shadow", orjson.dumps(shadow).decode())


def _refused_list(tenant: Tenant, rng: random.Random, name: str) -> None:
    good = make_list_request(rng, tenant.world, tenant.names)
    tenant.ask(f"{name} spoilt", "POST", LISTS, make_bad_request(rng, good | {"dry_run": True}))


def _at_the_door(tenant: Tenant, rng: random.Random, name: str) -> None:
    """Send a request for a list in an unusual way: by another method, key, address, or with other headers."""
    method, path, headers, key = make_odd_door(rng)
    body = orjson.dumps(make_list_request(rng, tenant.world, tenant.names) | {"dry_run": True, "decision_id": name})
    key = {"none": "", "cut": tenant.stage.keys["seller"][:-2]}.get(key, key or tenant.stage.keys["seller"])
    tenant.stage.ask(f"{name} door", method, path, body, headers, REQUEST, key=key, shows_body=True)


def _batch(tenant: Tenant, rng: random.Random, name: str) -> None:
    requests: list[Any] = []
    for place in range(rng.randrange(1, 9)):
        body = make_list_request(rng, tenant.world, tenant.names) | {"dry_run": True, "decision_id": f"{name} {place}"}
        bad = make_bad_request(rng, body)
        requests.append(bad if rng.random() < 0.1 and isinstance(bad, dict) else body)
    tenant.ask(f"{name} batch", "POST", f"{LISTS}/batch", {"requests": requests})


def _contacts(tenant: Tenant, rng: random.Random, name: str) -> None:
    tenant.ask(f"{name} contacts", "POST", f"{LISTS}/contacts", make_contacts_request(rng, tenant.world, tenant.names))


def _feedback(tenant: Tenant, rng: random.Random, name: str) -> None:
    ids = [body["decision_id"] for body in tenant.kept]
    body = make_feedback(rng, tenant.world, name, tenant.stage.clock.now, ids)
    tenant.ask(f"{name} feedback", "POST", "/v1/feedback", body, key="admin" if rng.random() < 0.1 else "seller")
    if rng.random() < 0.2:
        tenant.ask(f"{name} retract", "POST", f"/v1/feedback/{body['events'][0]['event_id']}/retract")
    tenant.stage.clock.advance(70)  # counts of a product's events are read once a minute


def _preview(tenant: Tenant, rng: random.Random, name: str) -> None:
    policy = rng.choice(list(tenant.policies) or ["recommended"])
    document = make_random_policy(rng, policy, tenant.world, [])
    tenant.ask(f"{name} preview", "POST", f"/v1/policies/{policy}/preview?sample=20", document, key="admin")


def _policy(tenant: Tenant, rng: random.Random, name: str) -> None:
    """Publish another version of a policy, or one that is refused."""
    if rng.random() < 0.4:
        tenant.put(name + " faulty", make_faulty_policy(rng, tenant.world))
    else:
        policy = rng.choice(list(tenant.policies) or ["q0"])
        challengers = [each for each in tenant.policies if each != policy]
        tenant.put(name + " policy", make_random_policy(rng, policy, tenant.world, challengers))


CASES: dict[Callable[[Tenant, random.Random, str], None], int] = {
    _list: 70,
    _refused_list: 8,
    _at_the_door: 6,
    _batch: 3,
    _contacts: 5,
    _feedback: 9,
    _preview: 3,
    _policy: 4,
}
"""What a case may be, and of a hundred cases about how many are."""


def _play_degraded(tenant: Tenant, prefix: str, rng: random.Random) -> None:
    """Stop Redis under the app: some contacts were read shortly before, others not."""
    bodies = [make_list_request(rng, tenant.world, tenant.names) for _ in range(16)]
    for number, body in enumerate(bodies[:10]):
        tenant.ask(f"{prefix} before {number}", "POST", LISTS, body | {"dry_run": True, "decision_id": f"b{number}"})
    tenant.stage.service.signal_server(signal.SIGSTOP)
    try:
        tenant.stage.clock.advance(90)
        for number, body in enumerate(bodies):
            tenant.ask(f"{prefix} away {number}", "POST", LISTS, body | {"decision_id": f"away {number}"})
    finally:
        tenant.stage.service.signal_server(signal.SIGCONT)
