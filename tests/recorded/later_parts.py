"""The later parts of the play: what is read, commands, Redis away, evaluation."""

import random
import signal
import time
from datetime import timedelta
from typing import Any

import orjson

from tests.recorded.asks import make_requests
from tests.recorded.history import monday_of
from tests.recorded.masks import AUDIT, JOBS, MACHINE
from tests.recorded.policies import CHANGED, POLICIES, REFUSED
from tests.recorded.stage import Stage
from tests.recorded.world import WEEKS, write_csv

TOML = {"Content-Type": "application/toml"}
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"family": "linear", "neutral": 0.5, "a_max": 2, "d_min": 0.5, "reading": "literal", "n": 1},
    {"family": "exponential", "reading": "gain", "n": 3, "neutral": 0.2},
    {"family": "logistic", "rate": "raw", "a_max": 10, "d_min": 0.01},
    {"family": "cubic"},
    {"a_max": 0.5, "n": 9},
)
SHADOW_SECONDS = 30


def reading(stage: Stage) -> None:
    """Read decisions, policies, curves and what else is to be read."""
    stage.part = "reading"
    stage.clock.set(monday_of(WEEKS) + timedelta(days=3, hours=9))
    rng = random.Random(41)
    kept = [body["decision_id"] for body in make_requests(stage.world) if "decision_id" in body]
    for name in rng.sample(kept, 25):
        explain = rng.choice(["none", "brief", "full"])
        stage.ask(f"decision {name} {explain}", "GET", f"/v1/decisions/{name}?explain={explain}")
        for product in [*rng.sample(stage.world.product_ids, 3), "nothing"]:
            path = f"/v1/decisions/{name}?explain=full&why_not={product}"
            stage.ask(f"decision {name} without {product}", "GET", path)
    for path in ("decisions/unknown", "decisions/list-0?explain=all", "decisions/list-0?why=1", "nowhere", "settings"):
        stage.ask(path, "GET", f"/v1/{path}")
    for policy in POLICIES:
        stage.ask(f"curve {policy}", "GET", f"/v1/curves?policy={policy}&points=21")
        stage.ask(f"policy {policy}", "GET", f"/v1/policies/{policy}")
    for number, settings in enumerate(SETTINGS):
        body = {"reinforcement": settings, "win_rates": [0, 0.05, 0.31, 0.5, 0.9, 1], "recursions": [0, 1, 7]}
        stage.ask(f"curve of settings {number}", "POST", "/v1/curves", body)
    for path in ("curves?points=1", "curves?policy=nowhere", "policies/nowhere", "policies/schema"):
        stage.ask(path, "GET", f"/v1/{path}")
    stage.ask("ready", "GET", "/health/ready")


def policies(stage: Stage) -> None:
    """Check, preview, refuse, draft, publish, roll back."""
    stage.part = "policies"
    (stage.work / "changed.toml").write_text(CHANGED)
    stage.run("check", "dog", "policy", "check", "changed.toml")
    stage.run("preview", "dog", "policy", "preview", "changed.toml")
    stage.run("preview-json", "dog", "policy", "preview", "--json", "--sample", "60", "changed.toml")
    stage.run("diff", "dog", "policy", "diff", "recommended", "changed.toml")
    stage.run("diff-active", "dog", "policy", "diff", "worded", "limited")
    stage.ask("preview-http", "POST", "/v1/policies/recommended/preview?sample=80", CHANGED.encode(), TOML)
    for name, text in REFUSED.items():
        stage.ask(f"refused-{name}", "PUT", "/v1/policies/x", text.encode(), TOML)
        (stage.work / "refused.toml").write_text(text)
        stage.run(f"check-{name}", "dog", "policy", "check", "refused.toml")
    stage.ask("other-name", "PUT", "/v1/policies/other", CHANGED.encode(), TOML)
    path = "/v1/policies/recommended"
    before = stage.ask("before", "GET", path).headers["ETag"]
    stage.ask("draft", "PUT", f"{path}?draft=true&comment=later", CHANGED.encode(), TOML)
    stage.ask("moved-on", "PUT", path, CHANGED.encode(), {**TOML, "If-Match": '"0000000000000000"'})
    stage.ask("is-there", "PUT", path, CHANGED.encode(), {**TOML, "If-None-Match": "*"})
    stage.ask("put", "PUT", path, CHANGED.encode(), {**TOML, "If-Match": before})
    body = {"contact_id": "c004", "dry_run": True, "explain": "full"}
    stage.ask("list-by-changed", "POST", "/v1/recommendations", body)
    stage.ask("versions", "GET", f"{path}/versions")
    stage.ask("activate", "POST", f"{path}/versions/{before.strip(chr(34))}/activate")
    stage.ask("activate-unknown", "POST", f"{path}/versions/0000000000000000/activate")
    stage.run("rollback-list", "dog", "policy", "rollback", "recommended")
    (stage.work / "new.toml").write_text(POLICIES["pooled"].replace('"pooled"', '"newest"'))
    stage.run("publish", "dog", "policy", "publish", "--comment", "first", "new.toml")
    stage.ask("list-by-new", "POST", "/v1/recommendations", body | {"policy": "newest"})


def shadow(stage: Stage) -> None:
    """Ask for lists with a challenger in the shadow, wait for all its lists, and report.

    The clock stands still: the challenger's lists are those of the moment at which they are made.
    """
    stage.part = "shadow"
    stage.clock.advance(60)
    requests = [body for body in make_requests(stage.world) if body.get("policy") == "watched"]
    for number, body in enumerate(requests):
        stage.ask(f"{number}", "POST", "/v1/recommendations", body, tick=False)
    wanted = len({body["decision_id"] for body in requests if not body.get("dry_run")})
    give_up = time.monotonic() + SHADOW_SECONDS
    while _shadow_lists(stage) < wanted and time.monotonic() < give_up:
        time.sleep(0.1)
    code, *lines = stage.service.run("dog", "policy", "shadow", "watched", "--json").splitlines()
    report = orjson.loads("\n".join(lines))
    for what in ("products", "categories"):  # the order of equals is that of the server's hash tables
        report[what] = {side: sorted(counts.values()) for side, counts in report[what].items()}
    report["rank_correlation"] = round(report["rank_correlation"], 9)  # a sum in that order, too
    stage.note("shadow", f"{code}\n{orjson.dumps(report).decode()}")


def _shadow_lists(stage: Stage) -> float:
    """Count the lists made beside, kept or not."""
    lines = stage.service.ask("GET", "/metrics", key=stage.keys["admin"]).body.decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("dog_shadow_lists_total"))


def commands(stage: Stage) -> None:
    """Run the commands that read."""
    stage.part = "commands"
    for kind in ("products", "contacts", "scores", "feedback", "decisions"):
        stage.export(f"export-{kind}", f"{kind}.csv", "dog", "export", kind)
    stage.export("export-ndjson", "decisions.ndjson", "dog", "export", "decisions")
    for policy in ("recommended", "limited", "split", "worded", "stacked", "ranked"):
        stage.export(f"batch-{policy}", f"{policy}.csv", "jobs", "batch", "--k", "10", "--policy", policy, "--out")
    stage.export("batch-unknown", "unknown.csv", "jobs", "batch", "--policy", "nowhere", "--out")
    stage.run("recommend", "dog", "recommend", "c003", "--explain", "full")
    stage.run("recommend-none", "dog", "recommend", "c004", "--k", "3", "--policy", "limited", "--explain", "none")
    stage.run("recommend-json", "dog", "recommend", "Ångström/1", "--json", "--explain", "full", "--policy", "worded")
    stage.run("recommend-unknown", "dog", "recommend", "nobody")
    stage.run("recount", "dog", "doctor", "--recount")
    stage.run("doctor", "dog", "doctor", masks=MACHINE)
    for contact in ("c003", "c071", "nobody-there", "two%20words"):
        stage.ask(f"held-{contact}", "GET", f"/v1/contacts/export?contact_id={contact}")
    stage.ask("audit", "GET", "/v1/audit?limit=1000", masks=AUDIT)
    stage.run("audit-text", "dog", "audit", masks=AUDIT)
    stage.run("audit-json", "dog", "audit", "--json", "--limit", "3", masks=AUDIT)
    stage.ask("runs", "GET", "/v1/runs", masks=JOBS)
    stage.ask("jobs", "GET", "/v1/jobs", masks=JOBS)
    stage.run("jobs-list", "jobs", "list", masks=JOBS)
    stage.run("backup", "dog", "backup", "backup.ndjson", masks=MACHINE)
    stage.run("restore", "dog", "restore", "backup.ndjson", "--tenant", "copy", masks=MACHINE)
    stage.export("export-copy", "copy.csv", "dog", "export", "multipliers", "--tenant", "copy")
    stage.run("recommend-copy", "dog", "recommend", "c003", "--json", "--tenant", "copy")
    for words in (("dog", "load", "nothing", "x"), ("dog", "export", "products", "x.pdf"), ("jobs", "recompute", "x")):
        stage.run(" ".join(words), *words)
    stage.run("bad-week", "jobs", "recompute", "--week", "2026-W99")


def roll_back(stage: Stage) -> None:
    """Go back to an older version of the multipliers, list by it, and forward again."""
    stage.part = "rollback"
    versions = [row["version"] for row in stage.look("/v1/multipliers/versions")["items"]]
    body = {"contact_id": "c003", "dry_run": True, "explain": "full"}
    for number, version in enumerate((versions[2], versions[0])):
        stage.ask(f"activate-{number}", "POST", f"/v1/multipliers/versions/{version}/activate")
        stage.ask(f"list-{number}", "POST", "/v1/recommendations", body)
    stage.ask("activate-unknown", "POST", "/v1/multipliers/versions/2020-W01-00/activate")
    stage.ask("erase", "DELETE", "/v1/contacts?contact_id=c044")
    stage.ask("erased", "POST", "/v1/recommendations", {"contact_id": "c044"})
    stage.ask("erase-again", "DELETE", "/v1/contacts?contact_id=c044")


def evaluation(stage: Stage) -> None:
    """Train on transactions, and evaluate."""
    stage.part = "evaluation"
    rng = random.Random(51)
    rows = [
        {
            "contact_id": rng.choice(stage.world.contact_ids[:40]),
            "product_id": stage.world.product_ids[int(30 * rng.random() ** 2)],
            "occurred_at": (monday_of(WEEKS) - timedelta(minutes=rng.randrange(500 * 1440))).isoformat(),
            "amount": rng.randrange(5, 90),
        }
        for _ in range(1500)
    ]
    write_csv(stage.work / "transactions.csv", rows)
    stage.run("load", "dog", "load", "transactions", "transactions.csv")
    stage.run("evaluate", "jobs", "evaluate", "--trust-scores")
    stage.run("tune", "jobs", "tune", "--trials", "4", "--sampler", "random", "--held-out-weeks", "3", "--trust-scores")
    stage.run("train", "jobs", "train", "--force")
    stage.run("recommend", "dog", "recommend", "c003", "--json")


def degraded(stage: Stage) -> None:
    """Stop Redis under the running app: contacts read shortly before are answered, all else is refused."""
    stage.part = "degraded"
    stage.clock.set(monday_of(WEEKS) + timedelta(days=4, hours=9))
    stored = [{"contact_id": name, "policy": "published", "dry_run": True} for name in ("c010", "c090")]
    inline = {"candidates": [{"product_id": f"p{number:02}", "scores": {"cf": 0.5}} for number in range(4)]}
    for number, body in enumerate(stored):
        stage.ask(f"before-{number}", "POST", "/v1/recommendations", body)
    stage.service.signal_server(signal.SIGSTOP)
    try:
        stage.clock.advance(90)
        for number, body in enumerate([*stored, {**stored[0], "explain": "full"}, {**stored[0], "policy": "limited"}]):
            stage.ask(f"away-{number}", "POST", "/v1/recommendations", body)
        for number, contact in enumerate(("never-seen", "c100")):
            asked = {"contact_id": contact, "policy": "published", **inline}
            stage.ask(f"away-inline-{number}", "POST", "/v1/recommendations", asked)
        stage.ask("away-stored", "POST", "/v1/recommendations", {"contact_id": "c101", "policy": "published"})
        stage.ask("away-feedback", "POST", "/v1/feedback", {"events": [{"event_id": "z", "type": "win"}]})
    finally:
        stage.service.signal_server(signal.SIGCONT)
