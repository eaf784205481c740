"""An archive for cold data, in use or broken, and decisions and versions that are old enough for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from dog.services.feedback.record_feedback import record_feedback
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.contact_lists import RETENTION_SECONDS, scan_decision_keys
from dog.storage.decisions import KeptDecision, read_decisions, write_decisions
from dog.storage.every_decision import decision_parts, read_decision_part
from dog.storage.store import Store
from tests.conftest import Clock

TWO_DAYS = 2 * 24 * 3600
START = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)  # a Monday


def use_archive(runtime: Runtime, root: str | None) -> Store:
    """Use an archive from now on, as after a restart with another DOG_ARCHIVE."""
    runtime.settings = replace(runtime.settings, archive=root)
    runtime.forget("default")
    return runtime.store("default")


def break_archive(runtime: Runtime, folder: Path) -> Store:
    """Use an archive that cannot be reached."""
    (folder / "file").write_bytes(b"")
    return use_archive(runtime, str(folder / "file"))


def age_decisions(store: Store, seconds: int = TWO_DAYS) -> None:
    """Make all decisions in Redis look that old."""
    for key in list(scan_decision_keys(store)):
        store.redis.expire(key, RETENTION_SECONDS - seconds)


def decide(store: Store, count: int, *, start: int = 0, contacts: int = 7) -> list[str]:
    """Keep decisions d0, d1, ... of some contacts; their ids."""
    ids = [f"d{number}" for number in range(start, start + count)]
    write_decisions(
        store,
        [
            KeptDecision(
                decision_id=decision_id,
                request=b"12345678",
                contact=store.tenant.contact(f"c{number % contacts}"),
                week="2026-W47",
                content=orjson.dumps({"decision_id": decision_id, "contact_id": f"c{number % contacts}"}),
            )
            for number, decision_id in enumerate(ids)
        ],
    )
    return ids


def kept(store: Store, ids: list[str]) -> dict[str, Any]:
    """Read the contact of each decision that is kept."""
    return {decision_id: content["contact_id"] for decision_id, content in read_decisions(store, ids).items()}


def every_decision(store: Store) -> list[str]:
    """Read the ids of all decisions, part by part."""
    parts = decision_parts(store)
    return [content["decision_id"] for part in parts for content in read_decision_part(store, part)]


def outcome(week: int, kind: str, contact: str) -> dict[str, Any]:
    """Give a pitch or a win of the week."""
    at = START + timedelta(weeks=week, hours=1 if kind == "pitch" else 2)
    names = {"contact_id": contact, "product_id": "p1", "occurred_at": at.isoformat()}
    return {"event_id": f"{week} {kind} {contact}", "type": kind, **names}


def publish_weeks(runtime: Runtime, clock: Clock) -> list[str]:
    """Publish five weeks, each with other wins; the versions, oldest first."""
    published = []
    for week in range(5):
        outcomes = [
            outcome(week, kind, contact) for contact in ("c1", "c2")[: 1 + week % 2] for kind in ("pitch", "win")
        ]
        clock.set((START + timedelta(weeks=week, days=5)).replace(tzinfo=None).isoformat())
        record_feedback(runtime.store("default"), outcomes, runtime.clock())
        clock.set((START + timedelta(weeks=week + 1, hours=1)).replace(tzinfo=None).isoformat())
        published += [result.version for result in run_recompute(runtime, "default")]
    return published


def multipliers(runtime: Runtime) -> list[dict[str, Any]]:
    """Read all pairs."""
    found = read_multipliers(runtime, "default", contact_id=None, product_id=None, policy=None, cursor=None, limit=100)[
        "items"
    ]
    return [{name: value for name, value in row.items() if name != "laps"} for row in found]


def arrays(store: Store, version: str) -> dict[bytes, Any]:
    """Read what Redis has of a version, by key."""
    keys = sorted(store.redis.scan_iter(match=f"*:{version}:*"))
    return {key: store.redis.hgetall(key) for key in keys if b":baseline:" not in key}
