"""The first parts of the play: loading, eight weeks, verdicts, lists. Each continues where the one before ended."""

import random
from datetime import timedelta
from typing import Any

import orjson

from tests.recorded.asks import make_refused_requests, make_requests
from tests.recorded.history import BUSY, at_sending, make_history, monday_of
from tests.recorded.policies import POLICIES
from tests.recorded.stage import Stage
from tests.recorded.verdicts import make_verdicts
from tests.recorded.world import WEEKS, write_csv, write_ndjson

FIRST_SENT_WEEK = 2
"""Weeks before come from files."""
EVENTS_A_CALL = 400
"""More than a call tells effects of."""
SECONDS_BETWEEN = 7.0
SHADOWED = ("recommended", "pooled", "stacked")


def load(stage: Stage) -> None:
    """Load the world from files, and some rows over HTTP."""
    stage.part = "load"
    stage.clock.set(monday_of(0) - timedelta(days=1))
    stage.ask("before-loading", "GET", "/v1/multipliers", key="dog_000000000000_secret")
    stage.make_key("admin", "recommend,feedback,read,admin")
    stage.make_key("seller", "recommend,feedback,read")
    stage.ask("not-for-sellers", "GET", "/v1/audit", key=stage.keys["seller"])
    stage.ask("no-key", "GET", "/v1/multipliers", key="")
    write_ndjson(stage.work / "products.ndjson", stage.world.products)
    write_ndjson(stage.work / "contacts.ndjson", stage.world.contacts)
    write_csv(stage.work / "scores.csv", stage.world.scores)
    for file in ("products.ndjson", "contacts.ndjson", "scores.csv", "contacts.ndjson"):
        stage.run(f"load-{file}-{len(stage.records)}", "dog", "load", file.partition(".")[0], file)
    broken: dict[str, list[dict[str, Any]]] = {
        "products": [{"product_id": ""}, {"product_id": "b1", "value": "x"}, {"product_id": "b2", "active_to": "1/2"}],
        "contacts": [{"contact_id": "a\nb"}, {"contact_id": "b1", "account_id": "y" * 300}],
        "scores": [
            {"contact_id": "c005", "model": "cf", "score": "nan", "as_of": "2026-08-01"},
            {"contact_id": "c005", "model": "CF!", "score": 1, "as_of": "2026-08-01"},
            {"contact_id": "c005", "product_id": "p00", "model": "cf", "score": 1, "as_of": "2020-01-01T00:00:00Z"},
        ],
    }
    for kind, rows in broken.items():
        write_csv(stage.work / f"broken-{kind}.csv", rows)
        stage.run(f"load-broken-{kind}", "dog", "load", kind, f"broken-{kind}.csv")
        stage.note(f"rejected-{kind}", (stage.work / f"broken-{kind}.csv.rejected.csv").read_text())
        stage.ask(f"post-broken-{kind}", "POST", f"/v1/{kind}", rows)
    late = [{"product_id": "p80", "name": "Late", "category": "ink", "value": 5}, {"product_id": "p80"}]
    stage.ask("post-products", "POST", "/v1/products", late)
    lines = b'{"contact_id": "c900", "segment": "gold"}\n{"contact_id": "c900", "segment": "gold"}\n'
    stage.ask("post-contacts", "POST", "/v1/contacts", lines, {"Content-Type": "application/x-ndjson"})


def weeks(stage: Stage) -> None:
    """Play the weeks: feedback, lists that count laps, new scores, and the recompute after each week's end."""
    stage.part = "weeks"
    rng = random.Random(31)
    for week, events in enumerate(make_history(stage.world)):
        stage.clock.set(at_sending(week))
        if week < FIRST_SENT_WEEK:
            write_csv(stage.work / f"week-{week}.csv", events)
            stage.run(f"{week}-feedback", "dog", "load", "feedback", f"week-{week}.csv")
        else:
            for start in range(0, len(events), EVENTS_A_CALL):
                body = {"events": events[start : start + EVENTS_A_CALL]}
                stage.ask(f"{week}-feedback-{start}", "POST", "/v1/feedback", body)
        for event in rng.sample(events, 5):
            path = f"/v1/feedback/{event['event_id']}/retract"
            stage.ask(f"{week}-retract-{event['event_id']}", "POST", path)
        stage.ask(f"{week}-retract-unknown", "POST", "/v1/feedback/nothing/retract")
        _count_laps(stage, week)
        if week in stage.world.refreshed:
            write_csv(stage.work / "refreshed.csv", stage.world.refreshed[week])
            stage.clock.set(monday_of(week + 1) - timedelta(hours=1))
            stage.run(f"{week}-refresh", "dog", "load", "scores", "refreshed.csv")
        stage.clock.set(monday_of(week + 1) + timedelta(hours=6))
        if week in (0, 2, 5, WEEKS - 1):
            stage.run(f"{week}-dry-run", "jobs", "recompute", "--dry-run")
        stage.run(f"{week}-recompute", "jobs", "recompute")
        stage.run(f"{week}-recompute-forced", "jobs", "recompute", "--force")  # what the gate has held back
        stage.ask(f"{week}-versions", "GET", "/v1/multipliers/versions")
        for policy in POLICIES if week in (2, 5, WEEKS - 1) else ("recommended", "published"):
            _read_multipliers(stage, f"{week}-multipliers-{policy}", policy)
    stage.run("nothing-due", "jobs", "recompute")
    for policy in ("recommended", "pooled", "nowhere"):
        stage.export(f"export-{policy}", f"{policy}.csv", "dog", "export", "--policy", policy, "multipliers")
    for query in ("contact_id=c003&limit=5", "product_id=p03", "contact_id=c004&product_id=p00", "limit=0", "limt=3"):
        stage.ask(f"multipliers?{query}", "GET", f"/v1/multipliers?{query}")


def _count_laps(stage: Stage, week: int) -> None:
    """Ask for lists of the busy contacts, so that recursions come due."""
    for number in range(BUSY * 2):
        contact = stage.world.contact_ids[number % BUSY]
        body = {"contact_id": contact, "k": 3, "decision_id": f"lap-{week}-{number}", "policy": "recommended"}
        stage.ask(f"{week}-lap-{number}", "POST", "/v1/recommendations", body)


def _read_multipliers(stage: Stage, name: str, policy: str) -> None:
    """Read all pages."""
    cursor, page = "", 0
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        found = stage.ask(f"{name}-{page}", "GET", f"/v1/multipliers?policy={policy}&limit=500{more}")
        cursor, page = found.json.get("next_cursor"), page + 1


def verdicts(stage: Stage) -> None:
    """Send verdicts of every kind; what they do to multipliers is a part of its own, `effects`."""
    stage.part = "verdicts"
    now = monday_of(WEEKS) + timedelta(days=1, hours=10)
    stage.clock.set(now)
    for name, body in make_verdicts(stage.world, now):
        stage.clock.advance(SECONDS_BETWEEN)
        speaker = "admin" if name.startswith("admin-") else "seller"
        answer = stage.service.ask("POST", "/v1/feedback", body, key=stage.keys[speaker])
        shown = answer.json
        effects = {
            result["event_id"]: result.pop("effect") for result in shown.get("results", ()) if "effect" in result
        }
        stage.note(name, f"HTTP {answer.status}\n\n{orjson.dumps(shown).decode()}")
        stage.note(name, orjson.dumps(effects).decode(), part="effects")
        contact = body["events"][0]["contact_id"] if name.startswith(("v-", "admin-")) else ""
        if contact:
            asked = {"contact_id": contact, "dry_run": True, "context": {"actor_id": "ann", "channel": "email"}}
            stage.ask(f"{name}: list", "POST", "/v1/recommendations", asked)
    for event in ("v-discard-None-None", "x-7", "w-3-market-p01-ann", "g-1", "g-1"):
        stage.ask(f"retract {event} {len(stage.records)}", "POST", f"/v1/feedback/{event}/retract")


def lists(stage: Stage) -> None:
    """Ask for lists of random kinds, one by one and in batches."""
    stage.part = "lists"
    stage.clock.set(monday_of(WEEKS) + timedelta(days=2, hours=9))
    requests = make_requests(stage.world)
    for number, body in enumerate(requests):
        if body.get("policy") == "watched":
            continue  # they have a part of their own
        stage.clock.advance(SECONDS_BETWEEN)
        answer = stage.ask(f"{number}", "POST", "/v1/recommendations", body)
        if answer.status == 200 and not body.get("dry_run") and not body.get("decision_id"):
            # reading the decision writes it, so that the next lap of the contact is counted right
            stage.ask(f"{number}: kept", "GET", f"/v1/decisions/{answer.json['decision_id']}")
    for number in range(0, 100, 20):
        stage.clock.advance(SECONDS_BETWEEN)
        dry = [body | {"dry_run": True} for body in requests[number : number + 18]]
        batch = [*dry, {"contact_id": "nobody"}, {"k": 0}]
        stage.ask(f"batch-{number}", "POST", "/v1/recommendations/batch", {"requests": batch})
    bad: tuple[dict[str, Any], ...] = ({"requests": []}, {"requests": [{}] * 101}, {}, {"requests": [3]})
    for number, body in enumerate(bad):
        stage.ask(f"batch-refused-{number}", "POST", "/v1/recommendations/batch", body)
    for name, refused in make_refused_requests():
        stage.ask(f"refused-{name}", "POST", "/v1/recommendations", refused)
    stage.ask("get-lists", "GET", "/v1/recommendations")
    stage.ask("as-text", "POST", "/v1/recommendations", b"{}", {"Content-Type": "text/plain"})
