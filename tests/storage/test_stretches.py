"""Large keys are read in stretches: the same entries as one command would read, each once, in order."""

from dataclasses import replace
from pathlib import Path

import pytest

from dog.offline.history.read_purchases import read_purchases
from dog.services.data.backup import write_backup
from dog.services.data.batch_file import write_batch
from dog.services.data.erase import erase
from dog.services.data.export_parts import EXPORTS
from dog.services.data.export_rows import export_rows
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.pairs.week_figures import lists_this_week
from dog.services.pairs.worklist import find_contacts
from dog.services.runner_tasks import no_edge
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.recount import recount
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.purchase_counts import rebuild_purchases
from dog.storage.store import Store, Tenant, put_tenant
from dog.storage.stretches import STRETCH, read_hash, read_hashes, read_members, read_sets, read_zset, scan
from tests.commands import recorded_commands
from tests.conftest import PRODUCTS, SECRET, Clock, event

COUNTS = [0, 1, STRETCH - 1, 5 * STRETCH + 7]


@pytest.fixture
def keys(store: Store) -> list[bytes]:
    return [store.keys.partition(number).of("contacts") for number in range(len(COUNTS))]


def test_hashes_are_read_whole_and_sorted_in_the_order_of_their_keys(store: Store, keys: list[bytes]) -> None:
    held = [{b"%d" % n: b"value %d" % n for n in reversed(range(count))} for count in COUNTS]
    for key, fields in zip(keys, held, strict=True):
        if fields:
            store.execute("HSET", key, *(word for field in fields.items() for word in field))

    assert [list(found.items()) for found in read_hashes(store, keys)] == [sorted(of.items()) for of in held]
    assert read_hash(store, keys[-1]) == held[-1]


def test_sets_and_sorted_sets_are_read_whole(store: Store, keys: list[bytes]) -> None:
    members = [[b"%05d" % n for n in range(count)] for count in COUNTS]
    for key, own in zip(keys, members, strict=True):
        if own:
            store.execute("SADD", key, *own)
            store.execute("ZADD", key + b":zset", *(word for member in own for word in (int(member), member)))
            store.execute("ZADD", key + b":same", *(word for member in own for word in (0, member)))

    assert list(read_sets(store, keys)) == members
    for key, own in zip(keys, members, strict=True):
        assert read_zset(store, key + b":zset") == {member: float(member) for member in own}
        assert list(read_members(store, key + b":same")) == own


def test_pages_of_many_keys_hold_every_field_while_others_are_deleted(store: Store) -> None:
    keys = [store.keys.partition(number).of("contacts") for number in range(20)]
    for key in keys:
        store.execute("HSET", key, *(word for n in range(3 * STRETCH) for word in (n, n)))

    seen: dict[bytes, set[bytes]] = {}
    for key, page in scan(store, "HSCAN", keys):
        seen.setdefault(key, set()).update(page)
        store.execute("HDEL", key, *(field for field in page if int(field) % 2))

    assert {key: len(fields) for key, fields in seen.items()} == dict.fromkeys(keys, 3 * STRETCH)


WHOLE = {"HGETALL", "SMEMBERS", "HKEYS", "HVALS", "ZRANGE", "ZRANGEBYSCORE", "LRANGE"}
LARGE = 510


@pytest.fixture
def large(runtime: Runtime, clock: Clock) -> Store:
    """Fill one partition with that many contacts that each of its keys is large."""
    put_tenant(runtime.redis, Tenant("default", SECRET, 1))
    store, zone = runtime.store("default"), runtime.settings.zone
    contacts = [f"c{number}" for number in range(LARGE)]
    import_rows(store, "products", PRODUCTS, zone)
    import_rows(store, "contacts", [{"contact_id": contact, "name": contact} for contact in contacts], zone)
    scores = [
        {"contact_id": contact, "product_id": "p1", "model": "cf", "score": 0.5, "as_of": "2026-11-01"}
        for contact in contacts
    ]
    import_rows(store, "scores", scores, zone)
    old = {"product_id": "p2", "occurred_at": "2026-11-01T10:00:00Z"}
    bought = [{"contact_id": contact, **old} for contact in contacts]
    import_rows(store, "transactions", bought, zone)
    told = {"occurred_at": "2026-11-11T10:00:00Z"}
    market = {"reason": {"trigger": "market"}}
    pitches = [event(f"pitch {contact}", "pitch", "p1", contact, **told) for contact in contacts]
    discards = [event(f"discard {contact}", "discard", "p2", contact, **told, **market) for contact in contacts]
    record_feedback(store, pitches, runtime.clock())
    record_feedback(store, discards, runtime.clock())
    run_recompute(runtime, "default")
    for contact in contacts:
        recommend(runtime, "default", ListRequest(contact))
    runtime.shared(DecisionWriter).flush()
    clock.set("2026-11-24T12:00:00")
    return store


def test_no_job_reads_a_large_key_by_one_command(runtime: Runtime, large: Store, tmp_path: Path) -> None:
    runtime.settings = replace(runtime.settings, archive_after_weeks=0)
    runtime.wait = lambda _: None
    with recorded_commands(runtime.redis) as commands:
        run_recompute(runtime, "default")
        for kind in EXPORTS:
            export_rows(runtime, "default", kind, tmp_path / f"{kind}.csv")
        write_backup(runtime, "default", tmp_path / "backup")
        recount(runtime, "default")
        lists_this_week(runtime, "default")
        find_contacts(runtime, "default", "c50")
        rebuild_purchases(large)
        read_purchases(large)
        write_batch(runtime, "default", tmp_path / "lists.csv", 3, None, no_edge)
        erase(runtime, "default", "c1")
        archive(runtime, "default")
    sizes = {"hash": "HLEN", "set": "SCARD", "zset": "ZCARD"}
    kinds = {key: large.redis.type(key).decode() for key in large.redis.scan_iter("dog:{default*")}  # type: ignore[union-attr]
    entries = {key: large.execute(sizes[kind], key) for key, kind in kinds.items() if kind in sizes}
    names = {key.decode() for key, count in entries.items() if count > LARGE - 10}
    read = {words[1].strip('"') for words in commands if words[0].strip('"').upper() in WHOLE}

    classes = {name.split("}:")[1].split(":")[0] for name in names}
    assert classes >= {"contacts", "scores", "transactions", "purchases", "laps", "logged", "multipliers"}
    assert names & read == set()
