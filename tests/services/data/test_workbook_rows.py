"""Sheets of .xlsx workbooks."""

import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dog.errors import InvalidInput, NotReady
from dog.services.data import workbook_rows
from dog.services.data.workbook_rows import Workbook
from tests.workbooks import write_workbook

WHEN = datetime(2026, 11, 20, 10)  # noqa: DTZ001  # as Excel has it


def test_rows_have_the_numbers_that_excel_shows_and_values_of_their_kinds(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Report of 2026"], [], ["a", "b", "c", None], [1, "Ä", WHEN], [], [1.5, True, None]]
    book = Workbook(write_workbook(tmp_path / "a.xlsx", {"One & two": rows, "Empty": []}))

    assert book.sheets == ["One & two", "Empty"]
    assert book.columns("One & two") == ["a", "b", "c"]
    assert [(row.line, row.fields) for row in book.rows("One & two")] == [
        (4, {"a": 1, "b": "Ä", "c": WHEN}),
        (6, {"a": 1.5, "b": True, "c": ""}),
    ]
    assert book.columns("Empty") == []


def test_a_sheet_of_one_column_has_its_first_row_as_head(tmp_path: Path) -> None:
    book = Workbook(write_workbook(tmp_path / "a.xlsx", {"One": [["contact_id"], ["c1"]]}))

    assert [row.fields for row in book.rows("One")] == [{"contact_id": "c1"}]


def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    book = Workbook(write_workbook(tmp_path / "a.xlsx", {"One": [["a", "b", "a"]]}))

    with pytest.raises(InvalidInput, match=r"'a' \(columns 1, 3\)"):
        book.columns("One")


def test_what_is_no_workbook_or_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(InvalidInput, match="not a readable workbook"):
        Workbook(path)
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("a", "b")
    with pytest.raises(InvalidInput, match="not a readable workbook"):
        Workbook(path)
    monkeypatch.setattr(workbook_rows, "MAX_BYTES", 100)
    with pytest.raises(InvalidInput, match="unpacks to"):
        Workbook(write_workbook(path, {"One": [["a"]]}))


def test_without_the_extra_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "python_calamine", None)

    with pytest.raises(NotReady, match=r"pip install -r requirements-excel\.txt"):
        Workbook(tmp_path / "a.xlsx")
