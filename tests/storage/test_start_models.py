from dog.core.policy.policy_settings import START
from dog.services.lists.snapshot import read_head
from dog.storage.catalogue import read_models
from dog.storage.start_models import (
    HEAD_FIELD,
    KEPT_VERSIONS,
    put_checked,
    put_memory,
    put_start,
    read_checked,
    read_memory_of,
    read_newest_memory,
    read_start_version,
)
from dog.storage.store import Store


def test_the_version_that_was_written_last_is_the_active_one(store: Store) -> None:
    put_start(store, b"one", {"events": 1}, 1)
    name = put_start(store, b"two", {"events": 2}, 2)

    assert read_head(store)[HEAD_FIELD.encode()].decode() == name
    found = read_start_version(store, name)
    assert found is not None
    assert (found.packed, found.made_at_ms) == (b"two", 2)
    assert read_models(store)[START] == {"events": 2, "version": name, "made_at_ms": 2}


def test_bytes_of_any_kind_come_back(store: Store) -> None:
    packed = bytes(range(256)) * 3

    found = read_start_version(store, put_start(store, packed, {}, 1_700_000_000_000))

    assert found is not None
    assert found.packed == packed


def test_only_the_newest_versions_are_kept(store: Store) -> None:
    names = [put_start(store, str(number).encode(), {}, number) for number in range(KEPT_VERSIONS + 3)]

    kept = [name for name in names if read_start_version(store, name) is not None]

    assert kept == names[-KEPT_VERSIONS:]


def test_a_version_that_never_was_is_none(store: Store) -> None:
    assert read_start_version(store, "nosuch") is None
    assert read_start_version(store, "") is None


def test_of_the_newest_versions_one_has_a_memory(store: Store) -> None:
    names = [put_start(store, bytes([n]), {}, n, b"memory %d" % n) for n in range(KEPT_VERSIONS + 3)]

    assert [name for name in names if read_start_version(store, name)] == names[3:]
    assert read_memory_of(store, names[-1]) == b"memory 10"
    assert read_memory_of(store, names[-2]) is None


def test_another_memory_is_another_version(store: Store) -> None:
    assert put_start(store, b"same", {}, 1, b"one") != put_start(store, b"same", {}, 2, b"two")


def test_a_version_without_memory_leaves_none_behind(store: Store) -> None:
    put_start(store, b"a", {}, 1, b"memory")
    version = put_start(store, b"b", {}, 2)

    assert read_newest_memory(store) is None
    put_memory(store, version, b"again")
    assert read_newest_memory(store) == (version, b"again")


def test_when_it_was_checked_last_is_kept(store: Store) -> None:
    before = read_checked(store)
    put_checked(store, 7)

    assert (before, read_checked(store)) == (0, 7)
