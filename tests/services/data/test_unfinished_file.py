from pathlib import Path

import pytest

from dog.services.data.unfinished_file import unfinished_file


def test_a_file_is_replaced_when_the_new_one_is_complete(tmp_path: Path) -> None:
    (tmp_path / "rows").write_text("old")
    with unfinished_file(tmp_path / "rows") as unfinished:
        unfinished.write_text("new")
        during = (tmp_path / "rows").read_text()

    assert (during, (tmp_path / "rows").read_text()) == ("old", "new")
    assert list(tmp_path.iterdir()) == [tmp_path / "rows"]


def test_after_an_error_the_old_file_stays_alone(tmp_path: Path) -> None:
    (tmp_path / "rows").write_text("old")
    with pytest.raises(UnicodeEncodeError), unfinished_file(tmp_path / "rows") as unfinished:
        unfinished.write_text("half and \ud800", encoding="utf-8")

    assert (tmp_path / "rows").read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / "rows"]
