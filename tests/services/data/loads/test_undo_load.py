"""An undone load leaves exports byte for byte as before, and its ids can be loaded again."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.errors import NotFound
from dog.services.data.backup import restore_backup, write_backup
from dog.services.data.erase import erase
from dog.services.data.loads.undo_load import undo_load
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.catalogue import read_attributes, read_models
from dog.storage.event_counts import read_daily_counts
from dog.storage.load_records import UNDONE, list_loads
from dog.storage.name_counts import read_unknown_names
from dog.storage.quarantine import count_waiting
from dog.storage.store import Store, Tenant, put_tenant
from dog.storage.tenant_dump import drop_keys
from dog.storage.tenant_settings import set_unknown_setting
from dog.storage.votes import read_votes
from tests.conftest import SECRET, Clock
from tests.loads_world import dumped, event, exported, load
from tests.tenant_keys import tenant_keys

ROWS: dict[str, list[dict[str, Any]]] = {
    "products": [{"product_id": "p1", "name": "Fax", "hue": "red"}, {"product_id": "p7", "name": "Lamp"}],
    "contacts": [{"contact_id": "c1", "name": "Anna", "age": 7}, {"contact_id": "c8", "segment": "gold"}],
    "scores": [
        {"contact_id": c, "product_id": p, "model": m, "score": s, "as_of": "2026-11-02"}
        for c, p, m, s in (
            ("c1", "p1", "cf", 0.9),
            ("c1", "p2", "cf", 0.8),
            ("c9", "p1", "cf", 1),
            ("c1", "p1", "n", 2),
        )
    ],
    "transactions": [
        {"contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-02", "quantity": 2},
        {"contact_id": "c9", "product_id": "p9", "occurred_at": "2026-11-02", "quantity": 2},
    ],
    "feedback": [
        event("e1", channel=""),
        event("e2", "win", pitch_id="e1"),
        event("e3", "discard", trigger="market", actor_id="ann"),
        event("e4", "discard", "c9", "p9"),
        event("e5", "pitch", "c9", "p1"),
    ],
}


def world(runtime: Runtime, loaded: Store, folder: Path) -> Store:
    """Give the loaded tenant some history over HTTP, and transactions."""
    events = [event("h1"), event("h2", "loss", occurred_at="2026-11-18T09:00:00Z"), event("h3", "accept", "c2")]
    record_feedback(loaded, events, runtime.clock())
    load(runtime, folder, "transactions", {"contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-01"})
    return loaded


@pytest.mark.parametrize("kind", ROWS)
def test_an_undone_load_leaves_everything_as_before_and_can_be_loaded_again(
    runtime: Runtime, loaded: Store, tmp_path: Path, kind: str
) -> None:
    store = world(runtime, loaded, tmp_path)
    before, held = exported(runtime, tmp_path), dumped(runtime.redis, runtime)
    registered = read_attributes(store), read_models(store), read_unknown_names(store)

    first = load(runtime, tmp_path, kind, *ROWS[kind])
    changed = exported(runtime, tmp_path)
    undo_load(runtime, "default", first.load_id)

    assert exported(runtime, tmp_path) == before
    assert (read_attributes(store), read_models(store), read_unknown_names(store)) == registered
    left = {key for key, value in dumped(runtime.redis, runtime).items() if held.get(key) != value}
    tolerated = (
        b"head",
        b"audit",
        b"file_loads",
        b"claiming",
        b"numbers",
        b"arrival",
        b"fits",
        b"loads",
        b"resting",
        b"fence",
    )
    assert [key for key in left if not any(word in key for word in tolerated)] == []
    again = load(runtime, tmp_path, kind, *ROWS[kind])
    assert again.counts.accepted == first.counts.accepted
    assert exported(runtime, tmp_path) == changed


def test_undone_events_are_in_no_vote_count_or_quarantine(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    set_unknown_setting(loaded, "quarantine")
    found = load(runtime, tmp_path, "feedback", *ROWS["feedback"])
    assert (len(read_votes(loaded)), count_waiting(loaded)) == (1, 2)
    done = undo_load(runtime, "default", found.load_id)

    assert done.events == 5
    assert (len(read_votes(loaded)), count_waiting(loaded), read_unknown_names(loaded)) == (0, 0, {})
    assert not any(counts.any() for counts in read_daily_counts(loaded, 20_000, 21_000, 10).values())


def test_a_retracted_event_of_an_undone_load_can_be_loaded_again(
    runtime: Runtime, loaded: Store, tmp_path: Path
) -> None:
    found = load(runtime, tmp_path, "feedback", event("e1"), event("e2", "accept"))
    retract_feedback(loaded, "e1")
    undo_load(runtime, "default", found.load_id)

    assert load(runtime, tmp_path, "feedback", event("e1", "win"), event("e2", "accept")).counts.accepted == 2


def test_a_contact_of_the_load_stays_where_it_has_later_feedback(
    runtime: Runtime, loaded: Store, tmp_path: Path
) -> None:
    del loaded
    found = load(runtime, tmp_path, "contacts", {"contact_id": "c8", "name": "Zoe"})
    record_feedback(runtime.store("default"), [event("h1", contact="c8")], runtime.clock())
    undo_load(runtime, "default", found.load_id)
    exports = exported(runtime, tmp_path)

    assert b"c8" in exports["feedback"]
    assert b"Zoe" not in exports["contacts"]


def test_published_weeks_that_count_the_events_are_replayed(
    runtime: Runtime, loaded: Store, clock: Clock, tmp_path: Path
) -> None:
    del loaded
    found = load(runtime, tmp_path, "feedback", event("e1"), event("e2", "win"))
    clock.set("2026-11-24T12:00:00")
    run_recompute(runtime, "default")
    done = undo_load(runtime, "default", found.load_id)

    assert done.late is not None
    assert done.late.startswith("events of published weeks that came late or were undone: 2 (100.0% of all); the next")
    (replayed,) = run_recompute(runtime, "default")
    assert replayed.counts["pairs"] == 0


def test_erasure_takes_a_contact_out_of_the_journals(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    del loaded
    load(runtime, tmp_path, "contacts", {"contact_id": "c1", "name": "Nobody"})
    load(runtime, tmp_path, "scores", *ROWS["scores"])
    assert b"Ann" in b"".join(b"".join(values) for _, values in dumped(runtime.redis, runtime).values())
    erase(runtime, "default", "c1")

    contact = runtime.store("default").tenant.contact("c1")
    assert not [key for key, (_, values) in dumped(runtime.redis, runtime).items() if contact in values]


def test_a_load_can_be_undone_after_a_restore(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    before = exported(runtime, tmp_path)
    ids = [load(runtime, tmp_path, kind, *ROWS[kind]).load_id for kind in ROWS]
    write_backup(runtime, "default", tmp_path / "a.backup")
    drop_keys(loaded.redis, [*tenant_keys(loaded.redis, "default"), b"dog:tenants"])
    runtime.forget("default")
    restore_backup(runtime, "default", tmp_path / "a.backup")
    for load_id in reversed(ids):
        undo_load(runtime, "default", load_id)

    assert exported(runtime, tmp_path) == before


def test_each_load_has_an_id_that_sorts_by_time_and_is_listed(runtime: Runtime, loaded: Store, tmp_path: Path) -> None:
    ids = [load(runtime, tmp_path, "feedback", event(f"e{n}")).load_id for n in range(3)]
    undo_load(runtime, "default", ids[1])
    found = list_loads(loaded)

    assert sorted(ids) == ids
    assert [one.load_id for one in found] == ids[::-1]
    assert [(one.state, one.accepted) for one in found] == [("complete", 1), (UNDONE, 1), ("complete", 1)]


def test_an_unknown_load_is_not_undone(runtime: Runtime, loaded: Store) -> None:
    del loaded
    with pytest.raises(NotFound, match="loads list"):
        undo_load(runtime, "default", "nothing")


BY_TURNS = st.lists(
    st.tuples(st.sampled_from(sorted(ROWS)), st.lists(st.integers(0, 4), min_size=1, max_size=4), st.integers(0, 2)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BY_TURNS)
def test_loads_undone_in_reverse_order_leave_every_export_as_it_was_before_each(
    runtime: Runtime, tmp_path: Path, turns: list[tuple[str, list[int], int]]
) -> None:
    runtime.redis.flushall()
    runtime.forget("default")
    put_tenant(runtime.redis, Tenant("default", SECRET, 64))
    states = []
    for kind, places, variant in turns[:3]:
        changed = {"scores": {"as_of": f"2026-11-0{variant + 1}"}, "transactions": {}, "feedback": {}}
        more = changed.get(kind, {"name": f"n{variant}"})
        rows = [ROWS[kind][place % len(ROWS[kind])] | more for place in places]
        states.append((exported(runtime, tmp_path), load(runtime, tmp_path, kind, *rows).load_id))
    for before, load_id in reversed(states):
        undo_load(runtime, "default", load_id)

        assert exported(runtime, tmp_path) == before
