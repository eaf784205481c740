"""Ids are claimed for their first row; what is odd is left unsettled and unclaimed."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from dog.services.data.backfill.claim_partition import BackfillTask, claim_partition, find_dependents
from dog.services.data.backfill.split_records import CLAIMED, ERASED, UNKNOWN
from dog.services.data.spill import Spill
from dog.services.runtime import Runtime
from dog.storage.backfill_fence import raise_fence
from dog.storage.claims import read_claims
from dog.storage.store import Store

IDS = [bytes([0, 0, 0, 0, number]) + bytes(7) for number in range(6)]
"""All of partition 0."""


def test_each_id_is_claimed_for_its_first_row(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    rows = [(0, b"a", 0), (1, b"b", 0), (0, b"a", 0), (2, b"c", 0), (2, b"d", 0), (3, b"e", UNKNOWN), (4, b"f", ERASED)]
    claims = np.zeros(len(rows), CLAIMED)
    for row, (claim, (number, body, flags)) in enumerate(zip(claims, rows, strict=True)):
        claim["id"], claim["fingerprint"], claim["flags"], claim["row"] = IDS[number], body.ljust(8), flags, row
        claim["pitch"] = 7 * (row == 1)
    spill = Spill(tmp_path / "spill")
    spill.folder.mkdir()
    spill.add("claims", claims, np.zeros(len(claims), np.int64))
    raise_fence(replace(store, load="l1"))
    task = BackfillTask(tenant="default", load="l1", folder=spill.folder, now_ms=0, published_until_ms=0)

    found = claim_partition(runtime, 0, task)

    assert found.repeats.tolist() == [2]
    assert sorted(found.unsettled["row"].tolist()) == [3, 4, 5]
    claimed = read_claims(store, IDS)
    assert [one and one[0].rstrip() for one in claimed] == [b"a", b"b", None, None, None, None]
    assert find_dependents(runtime, 0, task, np.array([7], np.uint64))["row"].tolist() == [1]
