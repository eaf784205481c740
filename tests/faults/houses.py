"""A house in this process, with a server and a clock of its own, for faults that need no process to die."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dog.bootstrap import create_runtime
from dog.config import read_settings
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store
from tests.conftest import Clock

START = datetime(2026, 8, 31, 8, 0, tzinfo=UTC)
"""Monday of 2026-W36."""

RULES = Path(__file__).parent.parent.parent / "rules"


@contextmanager
def house_of_its_own() -> Iterator[tuple[Runtime, Store, Clock]]:
    """Build a house around a server in a fresh folder; it stands at `START`."""
    with TemporaryDirectory(prefix="dog-faults-") as folder:
        server = EmbeddedServer(Path(folder), "everysec")
        server.start()
        try:
            with connect(server.url, timeout_seconds=30) as redis:
                settings = read_settings({"DOG_POLICY_DIR": str(RULES), "DOG_DATA_DIR": folder})
                clock = Clock(round(START.timestamp() * 1000))
                runtime = create_runtime(settings, redis, clock, server=server)
                yield runtime, runtime.store("default", create=True), clock
                runtime.shared(DecisionWriter).close()
        finally:
            server.stop()


def week_of_outcomes(week: int, pairs: int, *, all_won: bool = False) -> list[dict[str, Any]]:
    """Give every pair one outcome in a week after `START`; of those drawn for the week, one in three is a win."""
    chance = random.Random(week)
    return [
        {
            "event_id": f"w{week}-{pair}",
            "type": "win" if all_won or chance.random() < 1 / 3 else "loss",
            "contact_id": f"c{pair // 5}",
            "product_id": f"p{pair % 5}",
            "occurred_at": (START + timedelta(weeks=week, seconds=pair)).isoformat(),
        }
        for pair in range(pairs)
    ]


def record_all(store: Store, events: list[dict[str, Any]], now_ms: int) -> None:
    """Record events, a thousand a call; all must be accepted."""
    for start in range(0, len(events), 1000):
        results = record_feedback(store, events[start : start + 1000], now_ms)
        assert all(result.status == "accepted" for result in results)


def go_to_week(clock: Clock, week: int) -> None:
    """Set the clock to noon of the Wednesday of a week after `START`."""
    clock.now_ms = round((START + timedelta(weeks=week, days=2, hours=4)).timestamp() * 1000)
