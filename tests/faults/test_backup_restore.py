"""A backup restored beside its tenant gives the same version and numbers; a damaged or cut one is refused."""

import gzip
import random
import time
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from dog.errors import InvalidInput
from dog.services.data.backup import restore_backup, write_backup
from dog.services.runtime import Runtime
from dog.services.weekly.recount import recount
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.multiplier_versions import read_versions
from dog.storage.tenant_dump import drop_keys
from tests.faults.houses import go_to_week, house_of_its_own, record_all, week_of_outcomes
from tests.faults.rows import Row, Scale
from tests.pair_rows import every_row
from tests.tenant_keys import tenant_keys

ROW = 26
WEEKS = 2


def run(scale: Scale, seed: int) -> Row:
    """Back up, damage copies in many ways, restore the good one, compare every number."""
    count = 1_000_000 if scale == "long" else 4_000
    chance = random.Random(seed)
    with house_of_its_own() as (runtime, store, clock), TemporaryDirectory() as folder:
        for week in range(WEEKS):
            go_to_week(clock, week + 1)
            record_all(store, week_of_outcomes(week, count // WEEKS), clock.now_ms)
        run_recompute(runtime, "default")
        file = Path(folder) / "backup.ndjson.gz"
        began = time.monotonic()
        write_backup(runtime, "default", file)
        backup_seconds = time.monotonic() - began
        torn = sum(_is_taken(runtime, file, chance, Path(folder)) for _ in range(20))
        began = time.monotonic()
        _, version = restore_backup(runtime, "restored", file)
        restore_seconds = time.monotonic() - began
        same_version = version == read_versions(store)[0].version
        lost = _differences(runtime) + len(recount(runtime, "restored")) + (not same_version)
    note = f"backup {backup_seconds:.1f} s, restore {restore_seconds:.1f} s, 20 damaged copies, {torn} taken"
    return Row("backup, restore", count, seed, lost, 0, torn, restore_seconds, note)


def _is_taken(runtime: Runtime, file: Path, chance: random.Random, folder: Path) -> bool:
    """Damage a copy at random, by a flipped bit or by cutting it short, and tell whether it was taken."""
    content = bytearray(file.read_bytes())
    place = chance.randrange(20, len(content))
    if chance.random() < 0.5:
        content[place] ^= 1 << chance.randrange(8)
    else:
        del content[place:]
    damaged = folder / "damaged.ndjson.gz"
    damaged.write_bytes(content)
    try:
        restore_backup(runtime, "damaged", damaged)
    except InvalidInput:
        return bool(tenant_keys(runtime.redis, "damaged"))
    drop_keys(runtime.redis, tenant_keys(runtime.redis, "damaged"))
    return _content(damaged) != _content(file)  # equal where the bit is one that packing does not use


def _content(packed: Path) -> bytes | None:
    try:
        return gzip.decompress(packed.read_bytes())
    except (OSError, EOFError, zlib.error):
        return None


def _differences(runtime: Runtime) -> int:
    def rows(tenant: str) -> dict[tuple[Any, Any], dict[str, Any]]:
        found = every_row(runtime, runtime.store(tenant), "recommended")
        return {(row["contact_id"], row["product_id"]): row for row in found}

    before, after = rows("default"), rows("restored")
    return sum(before.get(pair) != after.get(pair) for pair in before.keys() | after.keys())


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_restored_backup_gives_the_same_numbers_and_a_damaged_one_is_refused() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
