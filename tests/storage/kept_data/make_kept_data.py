"""Write a small data folder with every kind of key, and what its service answers, by the code of any revision.

git worktree add /tmp/old REVISION
cd /tmp/old && PYTHONPATH=. PATH-OF-ITS-VENV/bin/python PATH/make_kept_data.py OUT
"""

import sys
import tarfile
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from dog.api.app import create_app
from dog.bootstrap import create_runtime
from dog.config import read_settings
from dog.offline.train_start import train_start
from dog.services.data.backup import write_backup
from dog.services.data.erase import erase
from dog.services.data.import_rows import import_rows
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.api_keys import SCOPES, create_key, revoke_key
from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.proofs import KeptProof, keep_proof
from dog.storage.webhook_config import Webhook, write_webhook

PRODUCTS, CONTACTS, WEEKS = 8, 12, 4
CATEGORIES, SEGMENTS = ("ink", "fax"), ("gold", "iron")
LAST_WEEK = datetime(2026, 11, 16, tzinfo=UTC)
"""Monday of 2026-W47; the tests stand at its Friday noon."""


class Clock:
    """The time of the tenant."""

    def __init__(self) -> None:
        self.now_ms = 0

    def __call__(self) -> int:
        return self.now_ms

    def set(self, week: int, day: int, hour: int = 12) -> None:
        """Go to a week from 0, a day of it from 0, and an hour."""
        hours = ((week + 1 - WEEKS) * 7 + day) * 24 + hour
        self.now_ms = round(LAST_WEEK.timestamp() * 1000) + hours * 3_600_000

    def text(self, hours_ago: float = 0) -> str:
        """Return a time before now."""
        return datetime.fromtimestamp(self.now_ms / 1000 - hours_ago * 3600, UTC).isoformat()


class Story:
    """What happens in the tenant `default`."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self.runtime, self.clock = runtime, clock
        self.store = runtime.store("default", create=True)
        self.client = create_app(runtime).test_client()
        now = datetime.now(UTC)
        self.keys = [create_key(runtime.redis, "default", f"key {n}", tuple(SCOPES), None, now) for n in range(4)]
        revoked = create_key(runtime.redis, "default", "revoked", ("read",), None, now)
        revoke_key(runtime.redis, "default", revoked.split("_")[1], now)

    def call(self, method: str, path: str, body: Any = None, key: int = 0) -> Any:
        """Call the API; fail unless it answers 2xx."""
        headers = {"Authorization": f"Bearer {self.keys[key]}"}
        answer = self.client.open(path, method=method, headers=headers, json=body)
        if answer.status_code >= 300:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.get_data(as_text=True)}")
        return answer.json

    def load(self) -> None:
        """Load rows, and train the model `start`."""
        zone = self.runtime.settings.zone
        products = [
            {"product_id": f"p{n}", "name": f"Product {n}", "category": CATEGORIES[n % 2], "value": 10.0 * (n + 1)}
            for n in range(PRODUCTS)
        ]
        contacts = [
            {"contact_id": f"c{n}", "account_id": f"a{n % 5}", "segment": SEGMENTS[n % 2], "channels": "call;email"}
            for n in range(CONTACTS)
        ]
        bought = [
            {
                "contact_id": f"c{n}",
                "product_id": f"p{(n + k) % PRODUCTS}",
                "occurred_at": f"2026-0{k + 1}-1{n % 9}T10:00:00Z",
                "quantity": 1,
                "amount": 5.0,
            }
            for n in range(CONTACTS)
            for k in range(6)
        ]
        scores = [
            {
                "contact_id": f"c{n}",
                "product_id": f"p{p}",
                "model": model,
                "score": round(0.05 + (n * 7 + p * (3 if model == "cf" else 5)) % 17 / 25, 3),
                "as_of": "2026-10-20",
            }
            for n in range(CONTACTS)
            for p in range(PRODUCTS)
            for model in ("cf", "frequency")
        ]
        for kind, rows in (
            ("products", products),
            ("contacts", contacts),
            ("transactions", bought),
            ("scores", scores),
        ):
            import_rows(self.store, kind, rows, zone)
        train_start(self.runtime, self.store)

    def feed(self, week: int) -> None:
        """Ask for lists, pitch, win, lose and discard."""
        self.clock.set(week, 1)
        for n in range(CONTACTS):
            body = {"contact_id": f"c{n}", "decision_id": f"d{week}-{n}"}
            self.call("POST", "/v1/recommendations", body)
        events = []
        for n in range(CONTACTS):
            pitch = {
                "event_id": f"pitch{week}-{n}",
                "type": "pitch",
                "decision_id": f"d{week}-{n}",
                "rank": 1,
                "occurred_at": self.clock.text(0),
                "actor_id": f"rep{n % 3}",
            }
            events.append(pitch)
        self.send(events)
        self.clock.set(week, 2)
        outcomes = [
            {
                "event_id": f"outcome{week}-{n}",
                "type": "win" if (n + week) % 3 == 0 else "loss",
                "decision_id": f"d{week}-{n}",
                "rank": 1,
                "occurred_at": self.clock.text(1),
            }
            for n in range(0, CONTACTS, 2)
        ]
        self.send(outcomes)

    def send(self, events: list[dict[str, Any]], key: int = 0) -> None:
        """Send feedback; every event must be accepted."""
        results = self.call("POST", "/v1/feedback", {"events": events}, key)["results"]
        if refused := [result for result in results if result["status"] != "accepted"]:
            raise SystemExit(str(refused[0]))

    def judge(self) -> None:
        """Vote by several keys, accept, restructure, retract, lift."""
        for key in range(4):
            votes = [
                {
                    "event_id": f"vote{key}-{n}",
                    "type": "discard",
                    "contact_id": f"c{n}",
                    "product_id": "p0",
                    "reason": {"trigger": trigger, **more},
                    "occurred_at": self.clock.text(1),
                    "actor_id": f"rep{key}",
                }
                for n, trigger, more in (
                    (key, "market", {}),
                    (key + 4, "business", {}),
                    (key + 8, "discomfort", {"attribute": "account"}),
                )
            ]
            self.send(votes, key)
        one = {"contact_id": "c10", "product_id": "p1", "occurred_at": self.clock.text(2)}
        self.send([one | {"event_id": "accepted", "type": "accept"}, one | {"event_id": "gone", "type": "pitch"}])
        self.send(
            [
                one
                | {
                    "event_id": "restructured",
                    "type": "restructure",
                    "replace": {"attribute": "channel", "from": "call", "to": "email"},
                }
            ]
        )
        self.call("POST", "/v1/feedback/gone/retract")
        verdicts = self.call("GET", "/v1/verdicts")["items"]
        if verdicts:
            self.call("POST", f"/v1/verdicts/{verdicts[0]['id']}/lift")

    def administer(self) -> None:
        """Change settings and policies, erase, quarantine, configure the webhook."""
        policy = self.call("GET", "/v1/policies/recommended")
        policy["reinforcement"]["explore"] = 0.5
        self.call("PUT", "/v1/policies/recommended", policy)
        keep_proof(self.store, "one", "other", KeptProof(proved=True, at_ms=self.clock(), sentence="As good."))
        write_webhook(self.store, Webhook(url="https://example.com/hook", secret="whsec_a2VwdA=="))
        erase(self.runtime, "default", f"c{CONTACTS - 1}")
        self.call("PUT", "/v1/settings", {"unknown": "quarantine"})
        unknown = {"event_id": "waits", "type": "pitch", "contact_id": "c1", "product_id": "nobody-knows"}
        self.call("POST", "/v1/feedback", {"events": [unknown | {"occurred_at": self.clock.text(1)}]})

    def tell(self) -> None:
        """Play all weeks: the first is archived, the last is begun."""
        self.clock.set(0, 0)
        self.load()
        for week in range(WEEKS):
            self.feed(week)
            self.clock.set(week + 1, 0)
            run_recompute(self.runtime, "default")
            archive(self.runtime, "default")
        self.clock.set(WEEKS - 1, 4)
        self.judge()
        self.administer()
        self.runtime.shared(DecisionWriter).flush()

    def answers(self) -> dict[str, Any]:
        """Return the list of each contact, and what is known of each pair."""
        lists = {
            f"c{n}": [
                {name: item[name] for name in ("product_id", "score", "multiplier") if name in item}
                for item in self.call("POST", "/v1/recommendations", {"contact_id": f"c{n}", "dry_run": True})["items"]
            ]
            for n in range(CONTACTS - 1)
        }
        pairs = self.call("GET", "/v1/multipliers?limit=1000")["items"]
        return {"now_ms": self.clock(), "lists": lists, "pairs": pairs}


def main(out: Path) -> None:
    """Write `data.tar.gz`, `backup.ndjson.gz` and `answers.json`."""
    out.mkdir(parents=True, exist_ok=True)
    clock = Clock()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = EmbeddedServer(folder, "everysec")
        server.start()
        environ = {"DOG_DATA_DIR": name, "DOG_POLICY_DIR": "rules", "DOG_ARCHIVE_AFTER_WEEKS": "2"}
        with connect(server.url, timeout_seconds=30) as redis:
            runtime = create_runtime(read_settings(environ), redis, clock)
            runtime.serves = True
            story = Story(runtime, clock)
            story.tell()
            (out / "answers.json").write_bytes(orjson.dumps(story.answers(), option=orjson.OPT_SORT_KEYS))
            write_backup(runtime, "default", out / "backup.ndjson.gz")
            for key in redis.scan_iter("dog:*"):
                redis.persist(key)  # else the kept data would fade
            redis.bgrewriteaof()
            while redis.info("persistence")["aof_rewrite_in_progress"] or redis.info()["aof_rewrite_scheduled"]:
                time.sleep(0.05)
            kinds = sorted(
                {key.decode().split(":", 2)[-1].split("}:")[-1].split(":")[0] for key in redis.keys("dog:*")}
            )
            sys.stderr.write(f"{redis.dbsize()} keys: {' '.join(kinds)}\n")
            runtime.close()
        server.stop()
        with tarfile.open(out / "data.tar.gz", "w:gz") as packed:
            packed.add(folder / "redis" / "appendonlydir", "redis/appendonlydir")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
