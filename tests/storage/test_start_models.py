"""Versions of the model start and the memory beside them."""

from dog.storage.catalogue import read_models
from dog.storage.start_models import (
    HEAD_FIELD,
    KEPT_VERSIONS,
    put_memory,
    put_start,
    read_memory_of,
    read_newest_memory,
    read_start_version,
)
from dog.storage.store import Store


def test_a_version_is_read_as_it_was_written_and_is_the_active_one(store: Store) -> None:
    version = put_start(store, b"packed with spaces", {"events": 3}, 7)

    assert read_start_version(store, version) == (version, b"packed with spaces", 7)
    assert store.execute("HGET", store.keys.of("head"), HEAD_FIELD).decode() == version
    assert read_models(store)["start"]["version"] == version
    assert read_start_version(store, "unknown") is read_start_version(store, "") is None


def test_the_newest_versions_are_kept_and_one_memory(store: Store) -> None:
    versions = [put_start(store, bytes([n]), {}, n, b"memory %d" % n) for n in range(KEPT_VERSIONS + 3)]

    assert [version for version in versions if read_start_version(store, version)] == versions[3:]
    assert read_memory_of(store, versions[-1]) == b"memory 10"
    assert read_memory_of(store, versions[-2]) is None


def test_another_memory_is_another_version(store: Store) -> None:
    assert put_start(store, b"same", {}, 1, b"one") != put_start(store, b"same", {}, 2, b"two")


def test_a_version_without_memory_leaves_none_behind(store: Store) -> None:
    put_start(store, b"a", {}, 1, b"memory")
    version = put_start(store, b"b", {}, 2)

    assert read_newest_memory(store) is None
    put_memory(store, version, b"again")
    assert read_newest_memory(store) == (version, b"again")
