"""A scratch store shows what its tenant holds, and keeps to itself what is written."""

from dog.storage.catalogue import number_products, read_catalogue
from dog.storage.scratch_store import scratch_store
from dog.storage.store import Store
from dog.storage.tenant_dump import dump_keys
from tests.tenant_keys import tenant_keys


def test_what_is_written_to_a_scratch_store_is_read_there_alone(loaded: Store) -> None:
    before = {(one.partition, one.name): one.values for one in dump_keys(loaded, tenant_keys(loaded.redis, "default"))}
    with scratch_store("default", loaded) as scratch:
        assert read_catalogue(scratch) == read_catalogue(loaded)
        assert number_products(scratch, ["p1", "p9"]) == [0, 4]
        assert "p9" in read_catalogue(scratch).ids
        assert scratch.execute("HGET", scratch.keys.of("numbers"), "p2") == b"1"

    after = {(one.partition, one.name): one.values for one in dump_keys(loaded, tenant_keys(loaded.redis, "default"))}
    assert after == before


def test_the_scratch_store_of_a_missing_tenant_is_empty() -> None:
    with scratch_store("nobody", None) as scratch:
        assert len(read_catalogue(scratch)) == 0
        assert number_products(scratch, ["p1"]) == [0]
