"""Migrating at the start of a process, beside processes of the release before; the next schema is made up."""

import threading
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from dog.errors import InvalidInput, StoreRefused, StoreUnavailable
from dog.services.data.backup import restore_backup, write_backup
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.job_lease import Lease
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.migrate_tenant import JOBS, LONGEST_CALL_SECONDS, migrate_tenants
from dog.services.runtime import SCHEMA_CHECK_SECONDS, Runtime
from dog.storage import migrations, schema
from dog.storage.connection import Redis
from dog.storage.schema import SCHEMA, mark_migrated, read_marks
from dog.storage.store import Store
from tests.conftest import CONTACTS, PRODUCTS, event

NEXT = SCHEMA + 1
MODULES = ("dog.storage.schema", "dog.storage.migrations", "dog.storage.store", "dog.services.migrate_tenant")


def add_mark(store: Store, place: int | None) -> None:
    """Write to each place that it is migrated."""
    key = store.keys.of("settings") if place is None else store.keys.partition(place).of("contacts")
    store.execute("HSET", key, "migrated", 1)


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let this process be of the next release from now on."""

    def install() -> None:
        monkeypatch.setitem(migrations.MIGRATIONS, NEXT, add_mark)
        for module in MODULES:
            monkeypatch.setattr(f"{module}.SCHEMA", NEXT)

    return install


def no_wait(_: float) -> None:
    """Go on at once: no other process is there."""


def test_a_tenant_is_migrated_and_older_processes_are_waited_for(loaded: Store, upgrade: Callable[[], None]) -> None:
    upgrade()
    waited: list[float] = []
    migrate_tenants(loaded.redis, waited.append)
    migrate_tenants(loaded.redis, waited.append)

    assert read_marks(loaded.redis, ["default"])[0].is_current
    assert loaded.redis.hget("dog:{default:63}:contacts", "migrated") == b"1"
    assert loaded.redis.hget("dog:{default}:settings", "migrated") == b"1"
    assert waited == [LONGEST_CALL_SECONDS + SCHEMA_CHECK_SECONDS]


def test_an_older_process_writes_nothing_from_the_beginning_of_a_migration_on(
    runtime: Runtime, loaded: Store, upgrade: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older process is `runtime`; each of its calls asks for the store first, as all use cases do."""
    now = [0.0]
    monkeypatch.setattr("dog.services.runtime.monotonic", lambda: now[0])
    runtime.forget("default")
    runtime.store("default")
    seen: list[tuple[float, str]] = []

    def wait(seconds: float) -> None:
        """Let the older process make a call every second."""
        for second in range(int(seconds) + 1):
            now[0] = second
            monkeypatch.setattr(schema, "SCHEMA", SCHEMA)
            try:
                record_feedback(runtime.store("default"), [event(f"e{second}", "pitch")], runtime.clock())
                seen.append((second, "written"))
            except StoreRefused:
                seen.append((second, "refused"))
            monkeypatch.setattr(schema, "SCHEMA", NEXT)

    upgrade()
    migrate_tenants(loaded.redis, wait)

    last_written = max(second for second, state in seen if state == "written")
    assert last_written <= SCHEMA_CHECK_SECONDS
    assert seen[-1] == (LONGEST_CALL_SECONDS + SCHEMA_CHECK_SECONDS, "refused")


def test_a_request_costs_no_round_trip_more(runtime: Runtime, loaded: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dog.services.runtime.monotonic", lambda: 0.0)
    runtime.forget("default")
    runtime.store("default")
    asked: list[str] = []
    monkeypatch.setattr("dog.services.runtime.read_marks", lambda _, tenants: asked.append(tenants[0]))
    for _ in range(50):
        recommend(runtime, "default", ListRequest("c1", dry_run=True))

    assert loaded.tenant.name == "default"
    assert asked == []


def test_a_migration_waits_for_jobs_and_no_job_begins_meanwhile(
    runtime: Runtime, store: Store, upgrade: Callable[[], None]
) -> None:
    running = Lease(store, "recompute", threading.Event()).__enter__()
    held: list[int] = []

    def wait(seconds: float) -> None:
        if seconds > LONGEST_CALL_SECONDS:
            held.append(store.redis.exists(*(f"dog:{{default}}:lease:{job}" for job in JOBS)))
        else:
            running.__exit__()

    upgrade()
    migrate_tenants(runtime.redis, wait)

    assert held == [len(JOBS)]
    assert store.redis.exists(*(f"dog:{{default}}:lease:{job}" for job in JOBS)) == 0
    assert read_marks(store.redis, ["default"])[0].is_current


def test_a_stopped_migration_goes_on_at_its_place_with_the_next_start(
    runtime: Runtime, store: Store, upgrade: Callable[[], None]
) -> None:
    upgrade()
    mark_migrated(runtime.redis, "default", NEXT, 60)
    runtime.forget("default")
    with pytest.raises(StoreUnavailable, match="being migrated"):
        runtime.store("default")
    migrate_tenants(runtime.redis, no_wait)

    assert runtime.store("default")
    assert [store.redis.hexists(f"dog:{{default:{place}}}:contacts", "migrated") for place in (59, 60)] == [False, True]


def test_a_backup_of_the_schema_before_is_migrated_when_it_is_restored(
    runtime: Runtime, loaded: Store, tmp_path: Path, upgrade: Callable[[], None]
) -> None:
    write_backup(runtime, "default", tmp_path / "b")
    upgrade()
    restore_backup(runtime, "other", tmp_path / "b")

    assert loaded.redis.hget("dog:{other:7}:contacts", "migrated") == b"1"
    assert loaded.redis.hget("dog:{other}:head", "schema") == b"%d" % NEXT
    assert runtime.store("other").tenant.secret == loaded.tenant.secret


def test_a_backup_of_a_newer_schema_is_refused(
    runtime: Runtime, loaded: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dog.services.data.backup_writer.SCHEMA", NEXT)
    write_backup(runtime, loaded.tenant.name, tmp_path / "b")

    assert orjson.loads((tmp_path / "b").read_bytes().splitlines()[0])["schema"] == NEXT
    with pytest.raises(InvalidInput, match=f"it has schema {NEXT}; this release reads schemas up to {SCHEMA}"):
        restore_backup(runtime, "other", tmp_path / "b")


def test_tenants_that_need_nothing_are_not_waited_for(runtime: Runtime, redis: Redis) -> None:
    for name in ("one", "other"):
        store = runtime.store(name, create=True)
        import_rows(store, "products", PRODUCTS, runtime.settings.zone)
        import_rows(store, "contacts", CONTACTS, runtime.settings.zone)

    migrate_tenants(redis, lambda _: pytest.fail("it waits"))
