"""Good rows go to the file of their part, refused ones are kept until the end."""

from pathlib import Path

import numpy as np

from dog.services.data.columns.merge_model import STALE
from dog.services.data.columns.score_splitter import ScoreSplitter
from dog.services.data.columns.write_score_part import SPLIT_ROW
from dog.services.data.import_rows import import_rows
from dog.services.data.mapping.mapped_file import open_mapped
from dog.services.data.rejected_rows import RejectedRows
from dog.services.data.row_values import RowCounts
from dog.services.data.spill import Spill
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.loads_world import write_rows


def test_a_row_that_is_refused_later_is_written_in_its_place_and_warned_of_no_more(
    runtime: Runtime, store: Store, tmp_path: Path
) -> None:
    import_rows(store, "products", [{"product_id": "p1", "value": 1}], runtime.settings.zone)
    row = {"contact_id": "c1", "product_id": "new", "model": "cf", "score": "0.5", "as_of": "2026-11-02"}
    path = write_rows(tmp_path / "scores.csv", [row, {**row, "score": "x"}, {**row, "product_id": "p1"}, row])
    source, counts = open_mapped("scores", path), RowCounts()
    rejects = RejectedRows(source)
    with Spill(tmp_path / "spill").open() as spill:
        splitter = ScoreSplitter(store, spill, 1, runtime.settings.zone, counts)
        for table in source.tables():
            splitter.add(table)
        rows = spill.read("scores", 0, SPLIT_ROW)
        assert (rows["row"].tolist(), rows["warning"].tolist(), splitter.models) == ([0, 2, 3], [1, 0, 1], {"cf": 0})
        assert counts.unknown == {("product", "new"): 2}
        splitter.refuse(rows[np.array([True, False, False])][["row", "warning"]], STALE)
    splitter.write_refused(source, rejects)

    assert counts.unknown == {("product", "new"): 1}
    assert counts.by_code == {"stale_score": 1, "invalid_row": 1}
    rejected = rejects.close()
    assert rejected is not None
    assert [line.split(",")[:2] for line in rejected.read_text().splitlines()[1:]] == [
        ["2", "stale_score"],
        ["3", "invalid_row"],
    ]
