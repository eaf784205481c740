"""A part is written with the rows of each contact in their order; those of an erased contact are not."""

from pathlib import Path

import numpy as np

from dog.services.data.columns.write_score_part import SCORES_FILE, SPLIT_ROW, SplitLoad, write_score_part
from dog.services.data.spill import Spill
from dog.services.runtime import Runtime
from dog.storage.contacts import read_arrays
from dog.storage.erasure import write_tombstone
from dog.storage.packed_scores import unpack_scores
from dog.storage.store import Store


def test_a_part_is_merged_by_contact_and_model_and_says_which_rows_it_refused(
    runtime: Runtime, store: Store, tmp_path: Path
) -> None:
    own, gone = store.tenant.contacts(["c1", "gone"])
    write_tombstone(store, gone)
    rows = np.zeros(6, SPLIT_ROW)
    rows["contact"] = np.frombuffer(b"".join([own, gone, own, own, own, own]), "V16")
    rows["row"], rows["as_of"], rows["cut_off"] = range(6), (5, 5, 4, 5, 5, 5), -1
    rows["product"], rows["score"], rows["model"] = (1, 1, 2, 1, 2, 1), 0.5, (0, 0, 0, 0, 1, 0)
    rows["score"][5] = 0.25
    rows["warning"][2] = 7
    with Spill(tmp_path / "spill").open() as spill:
        spill.add(SCORES_FILE, rows, np.zeros(6, np.int64))
        load = SplitLoad(tenant="default", load="l1", folder=spill.folder, models=("cf", "churn"))
        written = write_score_part(runtime, 0, load)
        assert write_score_part(runtime, 1, load).accepted == 0

    assert (written.accepted, written.duplicates) == (3, 1)
    assert (written.stale.tolist(), written.erased.tolist()) == ([(2, 7)], [(1, 0)])
    packed = [read_arrays(store, "scores", model, [own, gone]) for model in ("cf", "churn")]
    assert [unpack_scores(first or b"")[1].tolist() for first, _ in packed] == [[(1, 0.25)], [(2, 0.5)]]
    assert [erased for _, erased in packed] == [None, None]
