import pytest

from dog.errors import StoreRefused, StoreUnavailable
from dog.storage.connection import Redis
from dog.storage.schema import (
    SCHEMA,
    Marks,
    begin_restore,
    check_schema,
    end_restore,
    mark_migrated,
    mark_schema,
    read_marks,
)
from dog.storage.store import PARTITIONS, Tenant, ensure_tenant, put_tenant


def test_a_new_tenant_has_the_schema_of_this_release(redis: Redis) -> None:
    ensure_tenant(redis, "made")
    put_tenant(redis, Tenant("restored", bytes(32), PARTITIONS))

    assert redis.hget("dog:{made}:head", "schema") == b"%d" % SCHEMA
    assert read_marks(redis, ["made", "restored"]) == [Marks(SCHEMA, None, is_restoring=False)] * 2


def test_data_without_a_number_have_schema_1(redis: Redis) -> None:
    redis.hset("dog:tenants", "old", '{"secret": "00", "partitions": 64}')

    assert read_marks(redis, ["old"]) == [Marks(1, None, is_restoring=False)]


def test_a_tenant_that_exists_keeps_its_number(redis: Redis) -> None:
    ensure_tenant(redis, "one")
    mark_schema(redis, "one", 7)
    ensure_tenant(redis, "one")

    assert read_marks(redis, ["one"])[0].schema == 7


@pytest.mark.parametrize(
    ("marks", "kind", "why"),
    [
        (Marks(SCHEMA + 1, None, is_restoring=False), StoreRefused, "install the release that wrote them"),
        (Marks(SCHEMA + 1, 3, is_restoring=False), StoreRefused, "install the release that wrote them"),
        (Marks(SCHEMA, 3, is_restoring=False), StoreUnavailable, "being migrated"),
        (Marks(SCHEMA - 1, None, is_restoring=False), StoreUnavailable, "being migrated"),
        (Marks(SCHEMA, None, is_restoring=True), StoreUnavailable, "repeat it: dog restore FILE"),
    ],
)
def test_data_that_are_not_as_this_release_needs_are_refused_in_one_sentence(
    marks: Marks, kind: type[Exception], why: str
) -> None:
    with pytest.raises(kind, match=why) as refused:
        check_schema("shop", marks)
    assert "'shop'" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_marks_are_read_as_they_were_written(redis: Redis) -> None:
    check_schema("one", Marks(SCHEMA, None, is_restoring=False))
    mark_migrated(redis, "one", 2, 5)
    begun = read_marks(redis, ["one"])
    mark_schema(redis, "one", 2)
    ended = read_marks(redis, ["one"])
    begin_restore(redis, "one")
    restoring = read_marks(redis, ["one"])
    end_restore(redis, "one")

    assert begun == [Marks(2, 5, is_restoring=False)]
    assert ended == [Marks(2, None, is_restoring=False)]
    assert restoring == [Marks(1, None, is_restoring=True)]
    assert read_marks(redis, ["one"]) == [Marks(1, None, is_restoring=False)]
