"""Rows of a Parquet file: what is left out, and what is said of a file that cannot be read."""

from pathlib import Path

import pandas as pd
import pytest

from dog.errors import InvalidInput
from dog.services.data.read_rows import DataFile


def test_a_damaged_parquet_file_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "feedback.parquet"
    pd.DataFrame({"event_id": ["a"]}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-10])

    with pytest.raises(InvalidInput, match="not a readable Parquet file"):
        list(DataFile(path).rows())


def test_columns_without_a_word_may_be_left_out_of_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "feedback.parquet"
    pd.DataFrame({"event_id": ["a", "b"], "note": [None, None], "pitch_id": [None, "p"]}).to_parquet(path)
    nothing = tmp_path / "nothing.parquet"
    pd.DataFrame({"event_id": [None], "note": [None]}).to_parquet(nothing)

    short = [(row.line, row.fields) for row in DataFile(path).rows(leave_empty=True)]
    assert short == [(1, {"event_id": "a", "pitch_id": None}), (2, {"event_id": "b", "pitch_id": "p"})]
    assert [row.fields.keys() for row in DataFile(path).rows()] == [{"event_id", "note", "pitch_id"}] * 2
    assert [row.fields for row in DataFile(nothing).rows(leave_empty=True)] == [{"event_id": None, "note": None}]
