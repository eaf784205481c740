"""What a task reads of its partition is the same before and after weeks are archived."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from dog.offline.history.read_history import History, read_history
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Clock

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
PRODUCTS = ("p0", "p1", "p2")


def event(name: str, kind: str, hours: float, contact: str, product: str, **more: Any) -> dict[str, Any]:
    at = START + timedelta(hours=hours)
    about = {"contact_id": contact, "product_id": product, "occurred_at": at.isoformat()}
    return {"event_id": name, "type": kind, **about, **more}


def fill(store: Store, now_ms: int) -> None:
    """Pitch with answers named and not named, verdicts on pair and account, a retraction."""
    chance, events = np.random.default_rng(4), list[dict[str, Any]]()
    for number in range(60):
        contact, product, hours = f"c{number % 12}", PRODUCTS[number % 3], float(chance.integers(0, 24 * 9))
        events.append(event(f"a{number}", "pitch", hours, contact, product))
        named = {"pitch_id": f"a{number}"} if number % 2 else {}
        kind = "win" if chance.random() < 0.3 else "loss"
        events.append(event(f"b{number}", kind, hours + 30, contact, product, **named))
        if number % 4 == 0:
            events.append(event(f"v{number}", "discard", hours + 1, contact, product))
        if number % 9 == 0:
            reason = {"trigger": "discomfort", "attribute": "account"}
            events.append(event(f"w{number}", "discard", hours + 2, contact, product, reason=reason))
    record_feedback(store, events, now_ms)
    assert retract_feedback(store, "a3")


def told(history: History) -> list[tuple[Any, ...]]:
    """Return each pitch with what its numbers stand for."""
    pitches, streaks = history.pitches, history.streaks
    rows = zip(
        [history.contact_ids[number] for number in pitches.contact.tolist()],
        [history.product_ids[number] for number in pitches.product.tolist()],
        *(column.tolist() for column in (pitches.at_ms, pitches.settled_ms, pitches.won, pitches.variant)),
        *(column.tolist() for column in (streaks.length, streaks.days)),
        strict=True,
    )
    return sorted(rows)


@pytest.fixture
def filled(runtime: Runtime, store: Store) -> None:
    fill(store, runtime.clock())


@pytest.mark.usefixtures("filled")
def test_the_outcome_of_a_retracted_pitch_implies_one_and_verdicts_on_the_account_make_no_streak(
    runtime: Runtime, store: Store
) -> None:
    history = read_history(LocalRunner(runtime), runtime, store, 90)

    assert len(history.pitches) == 60
    assert {row[3] - row[2] for row in told(history) if row[0] == "c3"} >= {0}
    assert 0 > history.streaks.length.min() >= -15


@pytest.mark.usefixtures("filled")
def test_archived_weeks_are_read_from_their_files(runtime: Runtime, store: Store, clock: Clock) -> None:
    before = told(read_history(LocalRunner(runtime), runtime, store, 90))
    run_recompute(runtime, "default")
    clock.set("2027-11-26T12:00:01")
    runtime.wait = lambda _: None

    archived = archive(runtime, "default")

    assert archived is not None
    assert archived.events > 0
    assert told(read_history(LocalRunner(runtime), runtime, store, 90)) == before


@pytest.mark.usefixtures("filled")
def test_of_a_large_tenant_the_first_partitions_are_read(
    runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read_history(LocalRunner(runtime), runtime, store, 90)
    monkeypatch.setattr("dog.offline.history.read_history.MOST_PITCHES", 20)

    sample = read_history(LocalRunner(runtime), runtime, store, 90)

    assert whole.read_share == 1
    assert 0 < sample.read_share < 1
    assert set(told(sample)) < set(told(whole))
    assert sample.contact_ids == whole.contact_ids[: len(sample.contact_ids)]
