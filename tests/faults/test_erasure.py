"""Erased contacts are in no key, value, append-only file or fresh backup; all others keep their numbers."""

import random
import time
from base64 import b64decode, urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest

from dog.services.data.backup import write_backup
from dog.services.data.erase import erase
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.faults.houses import go_to_week, house_of_its_own, record_all, week_of_outcomes
from tests.faults.rows import Row, Scale
from tests.pair_rows import every_row

ROW = 27
PAIRS_A_CONTACT = 5


def run(scale: Scale, seed: int) -> Row:
    """Erase one contact in a hundred, then search all bytes that are left anywhere."""
    contacts = 100_000 if scale == "long" else 1_000
    gone = random.Random(seed).sample(range(contacts), contacts // 100)
    with house_of_its_own() as (runtime, store, clock), TemporaryDirectory() as folder:
        go_to_week(clock, 1)
        named = [
            {**event, "contact_id": _name(int(event["contact_id"][1:]))}
            for event in week_of_outcomes(0, contacts * PAIRS_A_CONTACT)
        ]
        record_all(store, named, clock.now_ms)
        run_recompute(runtime, "default")
        before = _rows(runtime, store)
        began = time.monotonic()
        for number in gone:
            erase(runtime, "default", _name(number))
        took = time.monotonic() - began
        write_backup(runtime, "default", Path(folder) / "backup.ndjson")
        hits = _hits(store, gone, Path(folder) / "backup.ndjson")
        after = _rows(runtime, store)
        erased = {_name(number) for number in gone}
        changed = sum(after.get(pair) != row for pair, row in before.items() if pair[0] not in erased)
    note = f"{len(gone):,} of {contacts:,} contacts in {took:.1f} s; {hits} traces left, {changed} others changed"
    return Row("erasure", contacts, seed, changed, 0, hits, None, note)


def _name(number: int) -> str:
    return f"erasable-contact-{number:08}@example.com"


def _rows(runtime: Runtime, store: Store) -> dict[tuple[Any, Any], dict[str, Any]]:
    found = every_row(runtime, store, "recommended")
    return {(row["contact_id"], row["product_id"]): row for row in found}


def _values(backup: Path) -> list[bytes]:
    lines = [orjson.loads(line) for line in backup.read_bytes().splitlines()]
    held = [line for line in lines if isinstance(line, list)]
    return [b64decode(text) for _, name, _, _, values in held for text in (name, *values)]


def _hits(store: Store, gone: list[int], backup: Path) -> int:
    """Count the erased whose id or digest stands in a key, a value, the append-only file or the backup."""
    folder = Path(str(store.redis.config_get("dir")["dir"]))
    for _ in range(300):
        if not store.redis.info("persistence")["aof_rewrite_in_progress"]:
            break
        time.sleep(0.1)
    held = b"\0".join(_values(backup))
    for file in folder.rglob("*.aof"):
        with suppress(FileNotFoundError):
            held += file.read_bytes()
    digests = [store.tenant.contact(_name(number)) for number in gone]
    names = [_name(number).encode() for number in gone]
    keys = [urlsafe_b64encode(digest).rstrip(b"=") for digest in digests]
    return sum(any(trace in held for trace in traces) for traces in zip(names, digests, keys, strict=True))


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_nothing_of_the_erased_is_left_and_the_others_keep_their_numbers() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
