"""Large keys are read in stretches: the same entries as one command would read, each once, in order."""

from pathlib import Path

import pytest

from dog.storage import stretches
from dog.storage.store import Store
from dog.storage.stretches import STRETCH, read_hash, read_hashes, read_members, read_sets, read_zset, scan

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


WHOLE = ("HGETALL", "SMEMBERS", "HKEYS", "HVALS")
GROWING = ("contacts", "scores", "transactions", "purchases", "logged", "erased", "votes", "laps", "multipliers")
GROWING += ("choices", "ids", "daily", "undo", "decided")


def test_no_source_reads_a_growing_key_by_one_command() -> None:
    """The scripts and `dog` name such a command only beside a key that the tenant has once, or of one contact."""
    root = Path(stretches.__file__).parents[1]
    lines = [
        f"{path.relative_to(root)}: {line.strip()}"
        for path in (*root.rglob("*.py"), *root.rglob("*.lua"))
        for line in path.read_text().splitlines()
        if any(f'"{command}"' in line or f"'{command}'" in line for command in WHOLE)
    ]

    assert [line for line in lines if "partition" in line or any(f'"{name}"' in line for name in GROWING)] == []
