"""Tasks that find the first row of each event id of a partition, and claim the ids."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dog.services.data.backfill.split_records import CLAIMED, CLOSED, ERASED, UNKNOWN
from dog.services.data.spill import Spill
from dog.services.runtime import Runtime
from dog.storage.claims import CLAIM, claim_packed


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillTask:
    """What the tasks of a back-fill need."""

    tenant: str
    load: str
    folder: Path
    now_ms: int
    published_until_ms: int
    product_ids: tuple[str, ...] = ()  # by their place in the file
    numbers: tuple[int, ...] = ()  # of these products


@dataclass(frozen=True, slots=True)
class ClaimedIds:
    """What became of a partition's ids: rows that repeat an earlier one, and rows to be settled in order."""

    repeats: np.ndarray  # shape (rows,)
    unsettled: np.ndarray  # records of `CLAIMED`


def claim_partition(runtime: Runtime, partition: int, task: BackfillTask) -> ClaimedIds:
    """Claim each id of the partition for its first row.

    All rows of an id with several bodies, with another body that was recorded before, or with unknown names that the
    tenant holds back are left unsettled, and their ids unclaimed.
    """
    claims = Spill(task.folder).read("claims", partition, CLAIMED)
    claims = claims[_order_of_ids(claims["id"])]
    is_first = np.ones(len(claims), bool)
    is_first[1:] = claims["id"][1:] != claims["id"][:-1]
    group = np.cumsum(is_first) - 1
    firsts = claims[is_first]
    differs = (claims["fingerprint"] != firsts["fingerprint"][group]) | (claims["flags"] & UNKNOWN > 0)
    unsettled = np.bincount(group[differs], minlength=len(firsts)) > 0
    chosen = ~unsettled & (firsts["flags"] & (CLOSED | ERASED) == 0)
    wanted = np.zeros(np.count_nonzero(chosen), CLAIM)
    for name in CLAIM.names or ():
        wanted[name] = firsts[name][chosen]
    store = replace(runtime.store(task.tenant), load=task.load)
    unsettled[np.flatnonzero(chosen)[claim_packed(store, wanted) < 0]] = True
    is_unsettled = unsettled[group]
    repeats = ~is_first & ~is_unsettled & (claims["flags"] & (CLOSED | ERASED) == 0)
    return ClaimedIds(claims["row"][repeats], claims[is_unsettled])


def find_dependents(runtime: Runtime, partition: int, task: BackfillTask, pitches: np.ndarray) -> np.ndarray:  # noqa: ARG001  # a task is given the runtime
    """Return the claims of events that name one of some pitches, given as sorted digests of their ids."""
    claims = Spill(task.folder).read("claims", partition, CLAIMED)
    return claims[np.isin(claims["pitch"], pitches) & (claims["pitch"] != 0)]


def _order_of_ids(ids: np.ndarray) -> np.ndarray:
    """Return an order in which equal ids stand together, each in the order of its rows."""
    parts = np.ascontiguousarray(ids).view(np.uint8).reshape(len(ids), ids.dtype.itemsize)
    begins, ends = np.ascontiguousarray(parts[:, :8]).view("<u8"), np.ascontiguousarray(parts[:, 8:]).view("<u4")
    return np.lexsort((ends[:, 0], begins[:, 0]))
