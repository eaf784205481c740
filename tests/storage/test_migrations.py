"""A migration from this schema to a made-up next one: whole, killed between any two writes, in two steps."""

from typing import Any

import pytest

from dog.storage import migrations, schema
from dog.storage.connection import Redis
from dog.storage.migrations import apply_migrations, store_marks
from dog.storage.round_trip import execute
from dog.storage.schema import SCHEMA, mark_schema
from dog.storage.store import Store, Tenant, put_tenant

PARTITIONS = 4
NEXT = SCHEMA + 1


class Killed(BaseException):
    """The process ends here."""


def lower_case(store: Store, place: int | None) -> None:
    """Move each value of a hash to another key, in lower case, one write after the other."""
    if place is None:
        store.execute("HSET", store.keys.of("settings"), "case", "lower")
        return
    keys = store.keys.partition(place)
    for field, value in sorted(store.execute("HGETALL", keys.of("contacts")).items()):
        store.execute("HSET", keys.of("purchases"), field, value.lower())
        store.execute("HDEL", keys.of("contacts"), field)


def number(store: Store, place: int | None) -> None:
    """Write the length of each value, of which there is none before."""
    if place is not None:
        keys = store.keys.partition(place)
        for field, value in store.execute("HGETALL", keys.of("purchases")).items():
            store.execute("HSET", keys.of("transactions"), field, len(value))


@pytest.fixture
def store(redis: Redis) -> Store:
    """Fill a tenant of this schema."""
    tenant = Tenant("shop", bytes(32), PARTITIONS)
    put_tenant(redis, tenant)
    for place in range(PARTITIONS):
        redis.hset(f"dog:{{shop:{place}}}:contacts", mapping={f"c{n}": f"Value {place} {n}" for n in range(2)})
    return Store(redis, tenant)


@pytest.fixture(autouse=True)
def _next_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a release whose schema is one higher."""
    become(monkeypatch, NEXT)
    monkeypatch.setitem(migrations.MIGRATIONS, NEXT, lower_case)
    monkeypatch.setitem(migrations.MIGRATIONS, NEXT + 1, number)


def become(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    monkeypatch.setattr(schema, "SCHEMA", number)
    monkeypatch.setattr(migrations, "SCHEMA", number)


def content(redis: Redis) -> dict[bytes, Any]:
    return {key: redis.hgetall(key) for key in redis.scan_iter("dog:{shop*")}


def test_every_release_has_the_step_to_its_own_schema() -> None:
    assert SCHEMA == 1 or SCHEMA in migrations.MIGRATIONS


def test_data_are_migrated_in_place_and_have_the_new_number(store: Store) -> None:
    reported: list[tuple[int, float]] = []
    apply_migrations(store, lambda number, share: reported.append((number, share)))

    assert store.redis.hgetall("dog:{shop:3}:purchases") == {b"c0": b"value 3 0", b"c1": b"value 3 1"}
    assert store.redis.exists("dog:{shop:3}:contacts") == 0
    assert store.redis.hgetall("dog:{shop}:settings") == {b"case": b"lower"}
    assert store.redis.hgetall("dog:{shop}:head") == {b"schema": b"%d" % NEXT}
    assert store_marks(store).is_current
    assert reported == [(NEXT, share / 5) for share in range(1, 6)]


def test_data_of_this_schema_are_left_alone(store: Store) -> None:
    apply_migrations(store)
    before = content(store.redis)
    apply_migrations(store)

    assert content(store.redis) == before


def test_two_steps_are_applied_in_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    become(monkeypatch, NEXT + 1)
    apply_migrations(store)

    assert store.redis.hgetall("dog:{shop:3}:transactions") == {b"c0": b"9", b"c1": b"9"}
    assert store.redis.hgetall("dog:{shop}:head") == {b"schema": b"%d" % (NEXT + 1)}


@pytest.mark.parametrize("steps", [1, 2])
def test_a_migration_killed_between_any_two_writes_goes_on_to_the_same_data(
    store: Store, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    become(monkeypatch, SCHEMA + steps)
    before = {key: store.redis.dump(key) or b"" for key in store.redis.scan_iter("dog:*")}
    apply_migrations(store)
    expected, kills = content(store.redis), 0
    while True:
        store.redis.flushall()
        for key, dumped in before.items():
            store.redis.restore(key, 0, dumped)
        kills += 1
        with monkeypatch.context() as patch:
            killed = killed_after(patch, kills)
            try:
                apply_migrations(store)
            except Killed:
                marks = store_marks(store)
                assert marks.schema > SCHEMA or kills == 1  # from the first write on, this release refuses the data
                assert not marks.is_current
        if not killed:
            break
        apply_migrations(store)
        assert content(store.redis) == expected, kills

    assert kills > 15 * steps


def killed_after(patch: pytest.MonkeyPatch, writes: int) -> list[bool]:
    """Let the process end in place of a later write; the returned list is then not empty."""
    left, killed = [writes - 1], list[bool]()

    def counted(redis: Redis, *command: object) -> object:
        if command[0] in ("HSET", "HDEL"):
            if not left[0]:
                killed.append(True)
                raise Killed
            left[0] -= 1
        return execute(redis, *command)  # type: ignore[arg-type]  # as it was called

    patch.setattr(schema, "execute", counted)
    patch.setattr("dog.storage.store.execute", counted)
    return killed


def test_a_restore_begins_with_the_schema_of_its_backup(store: Store) -> None:
    apply_migrations(store)
    mark_schema(store.redis, "shop", SCHEMA)
    store.redis.hset("dog:{shop:2}:contacts", "c9", "NEW")
    apply_migrations(store)

    assert store.redis.hget("dog:{shop:2}:purchases", "c9") == b"new"
