"""A tenant that is moved to more partitions: nothing is lost or doubled, also by a run that is killed anywhere."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from dog.core.events import EventType
from dog.errors import Conflict, InvalidInput, StoreUnavailable
from dog.services.data.backup import restore_backup, write_backup
from dog.services.data.erase import erase
from dog.services.data.export_rows import export_rows
from dog.services.data.import_rows import import_rows
from dog.services.data.load_file import load_file
from dog.services.data.loads.undo_load import undo_load
from dog.services.data.repartition_tenant import repartition_tenant
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.job_lease import Lease
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.migrate_tenant import LONGEST_CALL_SECONDS
from dog.services.runtime import SCHEMA_CHECK_SECONDS, Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.recount import recount
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.event_counts import count_types, day_of
from dog.storage.late_outcomes import find_late
from dog.storage.load_records import begin_load, list_loads
from dog.storage.migrations import store_marks
from dog.storage.multiplier_versions import read_versions
from dog.storage.repartition import OF_CONTACT, OF_ENTRIES
from dog.storage.round_trip import RoundTrip
from dog.storage.store import Store, Tenant, find_tenant, put_tenant
from dog.storage.tenant_dump import DumpedKey, drop_keys, dump_keys, write_dumped_keys
from dog.storage.votes import read_votes
from tests.conftest import SECRET, Clock
from tests.loads_world import write_rows
from tests.tenant_keys import tenant_keys

FEW, MANY = 2, 8
KINDS = ("pitch", "win", "pitch", "discard", "accept", "loss")
EXPORTS = ("products", "contacts", "scores", "feedback", "decisions", "multipliers")


def events_of(day: int, count: int) -> list[dict[str, Any]]:
    return [
        {
            "event_id": f"e{day}-{n}",
            "type": KINDS[n % 6],
            "contact_id": f"c{n % 12}",
            "product_id": f"p{n % 4}",
            "occurred_at": f"2026-11-{day:02}T10:00:00Z",
            **({"reason": {"trigger": "market"}} if KINDS[n % 6] == "discard" else {}),
        }
        for n in range(count)
    ]


@pytest.fixture
def filled(runtime: Runtime, clock: Clock, tmp_path: Path) -> Store:
    """Fill a tenant of few partitions: also a load with journal, an archived week, an erased contact."""
    put_tenant(runtime.redis, Tenant("default", SECRET, FEW))
    runtime.wait = lambda _: None
    runtime.settings = replace(runtime.settings, archive_after_weeks=2)
    store, zone = runtime.store("default"), runtime.settings.zone
    import_rows(store, "products", [{"product_id": f"p{n}", "category": "g"} for n in range(4)], zone)
    contacts = [{"contact_id": f"c{n}", "account_id": "a", "segment": "x"} for n in range(12)]
    load_file(runtime, "default", "contacts", write_rows(tmp_path / "contacts.csv", contacts))
    scores = [
        {"contact_id": f"c{c}", "product_id": f"p{p}", "model": "cf", "score": 0.1 + p / 10, "as_of": "2026-11-01"}
        for c in range(12)
        for p in range(4)
    ]
    import_rows(store, "scores", scores, zone)
    bought = [{"contact_id": f"c{n}", "product_id": "p1", "occurred_at": "2026-11-01T10:00:00Z"} for n in range(5)]
    import_rows(store, "transactions", bought, zone)
    clock.set("2026-11-09T12:00:00")
    record_feedback(store, events_of(3, 60), runtime.clock())
    run_recompute(runtime, "default")
    clock.set("2026-11-30T12:00:00")
    archive(runtime, "default")
    record_feedback(store, events_of(24, 90), runtime.clock())
    retract_feedback(store, "e24-7")
    run_recompute(runtime, "default")
    load_file(runtime, "default", "feedback", write_rows(tmp_path / "f.csv", [events_of(25, 3)[1]]))
    for contact in range(12):
        recommend(runtime, "default", ListRequest(f"c{contact}"))
    runtime.shared(DecisionWriter).flush()
    erase(runtime, "default", "c11")
    return store


def everything(store: Store) -> dict[tuple[int | None, bytes], Any]:
    """Return what a tenant's keys hold, without what runs of jobs and loads write of themselves."""
    keys = (key for key in tenant_keys(store.redis, "default") if b"}:audit" not in key)
    return {(one.partition, one.name): (one.expires_ms > 0, in_order(one)) for one in dump_keys(store, [*keys])}


def in_order(key: DumpedKey) -> list[Any]:
    """Return what a key holds; hashes and sets have no order of their own."""
    if key.kind == b"hash":
        return sorted(zip(key.values[::2], key.values[1::2], strict=True))
    return sorted(key.values) if key.kind == b"set" else key.values


def entries(store: Store) -> Counter[tuple[bytes, bytes]]:
    """Count the entries that belong to one contact or id, by the key that has them, whatever its partition."""
    found = Counter[tuple[bytes, bytes]]()
    for (partition, name), (_, values) in everything(store).items():
        if partition is not None and name.split(b":")[0].decode() in OF_CONTACT | OF_ENTRIES.keys():
            found.update((name, value) for value in values)
    return found


def exported(runtime: Runtime, folder: Path) -> dict[str, list[bytes]]:
    files = {kind: folder / f"exported-{kind}.csv" for kind in EXPORTS}
    for kind, path in files.items():
        export_rows(runtime, "default", kind, path)
    return {kind: sorted(path.read_bytes().splitlines()) for kind, path in files.items()}


def lists(runtime: Runtime) -> list[Any]:
    found = [orjson.loads(recommend(runtime, "default", ListRequest(f"c{n}", dry_run=True)).body) for n in range(11)]
    return [[(item["product_id"], item["score"]) for item in one["items"]] for one in found]


def counts(store: Store) -> Any:
    today = day_of(1_796_000_000_000)
    return count_types(store, today - 60, today), sorted(map(str, read_votes(store).tolist()))


def test_a_repartitioned_tenant_answers_as_before(runtime: Runtime, filled: Store, tmp_path: Path) -> None:
    before = exported(runtime, tmp_path), lists(runtime), counts(filled), entries(filled)
    waits: list[float] = []
    runtime.wait = waits.append
    had, seen = repartition_tenant(runtime, "default", MANY)
    store = runtime.store("default")

    assert (had, store.tenant.partition_count) == (FEW, MANY)
    assert seen > 100
    assert waits == [LONGEST_CALL_SECONDS + SCHEMA_CHECK_SECONDS]
    assert (exported(runtime, tmp_path), lists(runtime), counts(store), entries(store)) == before
    assert recount(runtime, "default") == []


def test_every_entry_is_in_the_partition_of_its_digest(runtime: Runtime, filled: Store) -> None:
    repartition_tenant(runtime, "default", MANY)
    store = runtime.store("default")
    for contact in map(store.tenant.contact, (f"c{n}" for n in range(11))):
        keys = store.tenant.partition(contact)
        assert store.execute("HEXISTS", keys.of("contacts"), contact)
        assert store.execute("SISMEMBER", keys.of("logged"), contact)
        assert store.execute("EXISTS", keys.contact("log", contact))
    assert {partition for partition, _ in everything(store)} == {None, *range(MANY)}
    assert filled.tenant.partition_count == FEW


def test_it_goes_on_as_any_tenant(runtime: Runtime, filled: Store, clock: Clock, tmp_path: Path) -> None:
    total = find_late(filled, read_versions(filled)[0], 0).total
    repartition_tenant(runtime, "default", MANY)
    store = runtime.store("default")
    before = counts(store)[0]
    results = [result.status for result in record_feedback(store, events_of(24, 3), runtime.clock())]
    taken_back = retract_feedback(store, "e24-0")
    undone = undo_load(runtime, "default", load_of(store, "feedback"))
    late = record_feedback(store, [{**events_of(24, 1)[0], "event_id": "late"}], runtime.clock())
    clock.set("2026-12-08T12:00:00")
    published = run_recompute(runtime, "default")
    gone = erase(runtime, "default", "c4")["erased"]

    assert results == ["duplicate"] * 3
    assert taken_back
    assert undone.events == 1
    assert late[0].status == "accepted"
    assert before - counts(store)[0] == Counter({EventType.WIN: 1})
    assert find_late(store, read_versions(store)[0], 0).total == total + 1
    assert [result.outcome for result in published] == ["published"]
    assert (gone["decisions"], gone["archived_events"]) == (1, 5)
    assert record_feedback(store, [{**events_of(28, 12)[11]}], runtime.clock())[0].code == "contact_erased"
    assert recount(runtime, "default") == []
    write_backup(runtime, "default", tmp_path / "b")
    restore_backup(runtime, "other", tmp_path / "b")
    assert runtime.store("other").tenant.partition_count == MANY


def load_of(store: Store, kind: str) -> str:
    return next(load.load_id for load in list_loads(store) if load.kind == kind)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def die_after(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, float], None]]:
    """Let the process end within a later round trip, of which the server executes a share of the commands."""
    send, left = RoundTrip.send, [-1, 0.0]

    def counted(trip: RoundTrip, **options: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            trip._calls = trip._calls[: round(len(trip._calls) * left[1])]
            send(trip)
            raise Killed
        return send(trip, **options)

    monkeypatch.setattr(RoundTrip, "send", counted)

    def begin(trips: int, share: float) -> None:
        left[:] = [trips, share]

    yield begin
    left[:] = [-1, 0.0]


def test_a_run_that_is_killed_anywhere_is_completed_by_the_next(
    runtime: Runtime, filled: Store, die_after: Callable[[int, float], None]
) -> None:
    begun = list(dump_keys(filled, tenant_keys(runtime.redis, "default")))
    repartition_tenant(runtime, "default", MANY)
    expected, chance, kills = everything(runtime.store("default")), random.Random(5), 0
    for trips in range(20, 2_000, 7):
        drop_keys(runtime.redis, tenant_keys(runtime.redis, "default"))
        write_dumped_keys(runtime.redis, "default", begun)
        put_tenant(runtime.redis, filled.tenant)
        die_after(trips, chance.random())
        try:
            repartition_tenant(runtime, "default", MANY)
            break
        except Killed:
            kills += 1
        die_after(-1, 0)
        runtime.forget("default")
        if find_tenant(runtime.redis, "default").partition_count == FEW or store_marks(filled).repartitioning:
            repartition_tenant(runtime, "default", MANY)
        assert everything(runtime.store("default")) == expected, trips

    assert kills > 10


def test_calls_are_refused_meanwhile_and_answered_by_other_processes_afterwards(
    runtime: Runtime, filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("dog.services.runtime.monotonic", lambda: now[0])
    other, idle = (Runtime(runtime.settings, runtime.redis, clock=runtime.clock) for _ in range(2))
    other.store("default")
    idle.store("default")
    refused: list[str] = []

    def wait(_: float) -> None:
        now[0] += SCHEMA_CHECK_SECONDS + 1
        with pytest.raises(StoreUnavailable, match=r"moved to 8 partitions.*tenants repartition default") as told:
            other.store("default")
        refused.append(told.value.code)

    runtime.wait = wait
    repartition_tenant(runtime, "default", MANY)
    now[0] += 1

    assert refused == ["being_repartitioned"]
    assert [one.store("default").tenant.partition_count for one in (other, idle, runtime)] == [MANY] * 3
    assert filled.tenant.partition_count == FEW


def test_it_begins_only_where_nothing_runs_and_to_a_multiple(runtime: Runtime, filled: Store) -> None:
    for count, why in ((FEW, "has 2 partitions already"), (1, "only grows"), (5, "only grows")):
        with pytest.raises(InvalidInput, match=why):
            repartition_tenant(runtime, "default", count)
    with Lease(filled, "recompute", runtime.stopping), pytest.raises(Conflict, match="recompute is running"):
        repartition_tenant(runtime, "default", MANY)
    filled.execute("HSET", filled.keys.of("work"), "v:p:1", "")
    with pytest.raises(Conflict, match="a recompute was stopped before its end"):
        repartition_tenant(runtime, "default", MANY)
    filled.execute("DEL", filled.keys.of("work"))
    load = begin_load(filled, "contacts", "c.csv", runtime.clock())
    with pytest.raises(Conflict, match=f"load {load.load_id} of c.csv is running"):
        repartition_tenant(runtime, "default", MANY)
    assert runtime.store("default").tenant.partition_count == FEW
