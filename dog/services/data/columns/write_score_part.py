"""The task that merges and writes the scores of one part of a split file."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dog.services.data.columns.coded_values import Coded, code_array
from dog.services.data.columns.merge_model import merge_model
from dog.services.data.columns.score_merge import ScoreRows
from dog.services.data.spill import Spill
from dog.services.runtime import Runtime
from dog.storage.erasure import find_erased_digests

SCORES_FILE = "scores"
SPLIT_ROW = np.dtype(
    [
        ("contact", "V16"),  # digest
        ("row", "<i8"),  # number in the file
        ("as_of", "<i8"),
        ("cut_off", "<i8"),  # -1 for none
        ("product", "<u4"),
        ("score", "<f4"),
        ("warning", "<u4"),  # number of the unknown name that the row is warned of, 0 for none
        ("model", "u1"),  # place in the models of the file
    ]
)
"""A valid row of scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitLoad:
    """What the tasks of a split file need."""

    tenant: str
    load: str
    folder: Path
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPart:
    """What became of a part's rows; of the refused ones number and warning, in the order of the file."""

    accepted: int
    duplicates: int
    stale: np.ndarray
    erased: np.ndarray  # of contacts that were erased since the file was split


def write_score_part(runtime: Runtime, part: int, load: SplitLoad) -> WrittenPart:
    """Merge and write the rows of a part."""
    store = replace(runtime.store(load.tenant), load=load.load)
    rows = Spill(load.folder).read(SCORES_FILE, part, SPLIT_ROW)
    contact = _code_digests(rows["contact"])
    gone = find_erased_digests(store, contact.values)
    is_erased = contact.mark([digest in gone for digest in contact.values])
    stale, duplicate = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
    order = np.argsort(contact.codes.astype(np.min_scalar_type(len(contact.values))), kind="stable")
    for code, model in enumerate(load.models):
        own = order[((rows["model"] == code) & ~is_erased)[order]]
        scores = ScoreRows(
            contact=contact.codes[own].astype(np.int64),
            product=rows["product"][own],
            score=rows["score"][own],
            as_of=rows["as_of"][own],
        )
        stale[own], duplicate[own] = merge_model(store, model, scores, rows["cut_off"][own], contact.values)
    return WrittenPart(
        accepted=len(rows) - int((is_erased | stale | duplicate).sum()),
        duplicates=int(duplicate.sum()),
        stale=rows[stale][["row", "warning"]],
        erased=rows[is_erased][["row", "warning"]],
    )


def _code_digests(contacts: np.ndarray) -> Coded:
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, needed for files only

    packed = pa.py_buffer(contacts.tobytes())
    return code_array(pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(contacts), [None, packed]))
