"""How a file is written: stated, or found in its first line and its sheets."""

from pathlib import Path
from typing import Any

import pytest

from dog.errors import InvalidInput
from dog.services.data.file_dialect import Dialect
from dog.services.data.mapping.find_dialect import find_dialect
from dog.services.data.mapping.map_entries import PLAIN, FileEntry
from dog.services.data.read_rows import DataFile
from tests.workbooks import write_workbook

CONTACTS: list[list[Any]] = [["Customer No", "Name"], [1, "A"]]
PRODUCTS: list[list[Any]] = [["SKU", "Name"], [1, "A"]]


def dialect_of(path: Path, kind: str = "contacts", entry: FileEntry = PLAIN) -> Dialect:
    return find_dialect(DataFile(path), kind, entry)


def test_the_names_in_the_first_line_and_in_the_map_decide_on_the_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Kunde;Ort, Land, Erdteil\nc1;x\n")
    by_map = FileEntry(columns={"Wer, genau": "contact_id"})

    assert dialect_of(path).delimiter == ";"
    path.write_text('"Wer, genau"\tOrt; Land; Erdteil\nc1\tx\n')
    assert dialect_of(path, entry=by_map).delimiter == "\t"
    path.write_text("sep=|\ncontact_id|a;b;c\n")
    assert dialect_of(path).delimiter == "|"


def test_what_is_stated_is_not_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("contact_id;name\nc1;ü\n".encode("cp1252"))
    entry = FileEntry(delimiter="tab", encoding="iso-8859-15")

    assert dialect_of(path, entry=entry) == Dialect(encoding="iso-8859-15", delimiter="\t")


def test_a_parquet_file_has_no_dialect_and_ndjson_an_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"")
    (tmp_path / "a.ndjson").write_bytes('{"a": "ü"}'.encode("cp1252"))

    assert dialect_of(tmp_path / "a.parquet") == Dialect()
    assert dialect_of(tmp_path / "a.ndjson") == Dialect(encoding="cp1252")


def test_the_only_sheet_with_the_columns_is_taken(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"Info": [["Read", "me"]], "Kunden": CONTACTS, "Artikel": PRODUCTS})

    assert dialect_of(path, "contacts").sheet == "Kunden"
    assert dialect_of(path, "products").sheet == "Artikel"
    assert dialect_of(path, "contacts", FileEntry(sheet=" artikel")).sheet == "Artikel"
    assert dialect_of(write_workbook(path, {"Empty": [], "Any": [["a", "b"]]})).sheet == "Any"


def test_no_or_several_such_sheets_are_one_error_that_names_them(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"2025": CONTACTS, "2026": CONTACTS, "Artikel": PRODUCTS})

    with pytest.raises(
        InvalidInput, match=r"2 sheets have the columns of contacts.*: 2025 \(Customer No, Name\); 2026"
    ):
        dialect_of(path)
    with pytest.raises(InvalidInput, match=r"no sheet has the columns of feedback; .* 2025 .*; 2026 .*; Artikel"):
        dialect_of(path, "feedback")
    with pytest.raises(InvalidInput, match=r"no sheet artikl; did you mean Artikel\?; sheets: 2025, 2026, Artikel"):
        dialect_of(path, entry=FileEntry(sheet="artikl"))
    with pytest.raises(InvalidInput, match="the workbook is empty"):
        dialect_of(write_workbook(path, {"One": []}))
