from pathlib import Path

from dog.services.data.mapping.file_head import read_heads
from tests.workbooks import write_workbook


def test_a_text_file_has_one_head_however_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("Kunde;Umsatz\nMüller;1,5\n;2\n".encode("cp1252"))
    [head] = read_heads(tmp_path / "a.csv")

    assert (head.name, head.columns, head.sheet) == ("a.csv", ["Kunde", "Umsatz"], None)
    assert head.values("Kunde") == ["Müller"]


def test_rows_of_ndjson_name_the_columns(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text('{"a": 1}\n{"b": 2}\nnot json\n')

    assert read_heads(tmp_path / "a.ndjson")[0].columns == ["a", "b"]


def test_each_sheet_of_a_workbook_has_a_head(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", {"Kunden": [["Nr"], [1]], "Leer": [], "Artikel": [["SKU"], ["A1"]]})
    heads = read_heads(tmp_path / "a.xlsx")

    assert [(head.name, head.columns) for head in heads] == [
        ("a.xlsx, sheet Kunden", ["Nr"]),
        ("a.xlsx, sheet Artikel", ["SKU"]),
    ]
