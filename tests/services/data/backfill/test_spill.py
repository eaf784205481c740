"""The files of a back-fill give back what was appended, partition by partition."""

from pathlib import Path

import numpy as np

from dog.services.data.backfill.spill import CLAIMED, EVENT, Spill


def test_events_come_back_with_their_texts_in_the_order_of_rows(tmp_path: Path) -> None:
    spill = Spill(tmp_path / "spill")
    spill.create()
    for first in (0, 3):
        events = np.zeros(3, EVENT)
        events["row"] = np.arange(first, first + 3)
        spill.add_events(events, [b"%d" % row for row in range(first, first + 3)], np.array([1, 0, 1]))

    events, texts = spill.read_events(1)

    assert events["row"].tolist() == [0, 2, 3, 5]
    assert texts == b"0235"
    assert len(spill.read_claims(1)) == 0


def test_what_a_killed_backfill_left_is_deleted(tmp_path: Path) -> None:
    spill = Spill(tmp_path / "spill")
    spill.create()
    spill.add_claims(np.zeros(2, CLAIMED), np.zeros(2, np.int64))
    spill.create()

    assert len(spill.read_claims(0)) == 0
    spill.remove()
    assert not spill.folder.exists()
