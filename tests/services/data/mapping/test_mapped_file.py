"""Files as people have them, opened as rows of the contract."""

from pathlib import Path

import pandas as pd
import pytest

from dog.errors import InvalidInput
from dog.services.data.mapping import mapped_file
from dog.services.data.mapping.map_entries import PLAIN, FileEntry
from dog.services.data.mapping.mapped_file import MappedFile, open_mapped

EVENT = "event_id,type,contact_id,product_id,occurred_at\n"


def opened(path: Path, text: str, kind: str, encoding: str = "utf-8", entry: FileEntry = PLAIN) -> MappedFile:
    path.write_bytes(text.encode(encoding))
    return open_mapped(kind, path, entry)


def test_a_german_export_is_read_whole(tmp_path: Path) -> None:
    text = "Artikelnummer;Bezeichnung;Wert;gültig ab;Maß\na;Müller;1.234,50;20.11.2026;4\nb;B;2;1.2.2026;5\n"
    found = opened(tmp_path / "a.csv", text, "products", "cp1252")

    assert [(row.line, row.fields) for row in found.rows()] == [
        (
            2,
            {
                "product_id": "a",
                "name": "Müller",
                "value": "1234.50",
                "active_from": "2026-11-20T00:00:00",
                "Maß": "4",
            },
        ),
        (3, {"product_id": "b", "name": "B", "value": "2", "active_from": "2026-02-01T00:00:00", "Maß": "5"}),
    ]
    assert found.notes() == [
        "read as cp1252 (such as gültig ab), delimiter ;, decimal comma in value, dates dd.mm.yyyy in active_from",
        "columns: Artikelnummer -> product_id, Bezeichnung -> name, Wert -> value, gültig ab -> active_from",
    ]
    assert found.found_options() == {"decimal": ","}


def test_a_file_of_the_contract_stays_as_it_is(tmp_path: Path) -> None:
    found = opened(tmp_path / "a.csv", EVENT + "e1,pitch,c1,p1,2026-01-05T09:00:00Z\n", "feedback", "utf-8-sig")

    assert found.row_map.is_plain
    assert found.notes() == []
    assert next(found.rows()).original is None


@pytest.mark.parametrize("head_rows", [1, 2_000])
def test_one_foreign_value_in_the_head_has_all_rows_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head_rows: int
) -> None:
    monkeypatch.setattr(mapped_file, "HEAD_ROWS", head_rows)
    rows = [f"e{n},pitch,c1,p1,0{n % 9 + 1}/02/2026\n" for n in range(50)]
    found = opened(tmp_path / "a.csv", EVENT + "".join(rows) + "e99,pitch,c1,p1,13/02/2026\n", "feedback")

    assert [row.fields["occurred_at"][:10] for row in found.rows()][-2:] == ["2026-02-05", "2026-02-13"]
    assert found.found_options() == {"date_format": "dd/mm/yyyy"}


def test_dots_before_three_digits_are_thousands_or_not_in_files_with_semicolons(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"^a\.csv: value: 1\.234 \(line 2\) may be 1\.234 or 1234"):
        opened(tmp_path / "a.csv", "product_id;value\na;1.234\n", "products")
    stated = opened(tmp_path / "a.csv", "product_id;value\na;1.234\n", "products", entry=FileEntry(decimal=","))

    assert [row.fields["value"] for row in stated.rows()] == ["1234"]
    assert opened(tmp_path / "a.csv", "product_id,value\na,1.234\n", "products").row_map.is_plain


def test_a_file_of_rejected_rows_is_read_without_line_code_and_reason(tmp_path: Path) -> None:
    head = "line,code,reason,product_id,line no\n"
    found = opened(tmp_path / "a.csv.rejected.csv", head + "7,invalid_row,bad,p1,3\n", "products")

    assert [row.fields for row in found.rows()] == [{"product_id": "p1", "line no": "3"}]
    assert found.columns == ["product_id", "line no"]
    assert found.notes() == []
    own = opened(tmp_path / "a.csv", "product_id,line,code,reason\np1,1,2,3\n", "products")
    assert own.row_map.is_plain


def test_missing_columns_are_one_error_for_the_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"^a\.csv: no column for occurred_at; columns found: event_id, type, Kunde"):
        opened(tmp_path / "a.csv", "event_id,type,Kunde,product_id\n" + "e,win,c,p\n" * 100, "feedback")


def test_names_in_parquet_and_ndjson_are_matched_too(tmp_path: Path) -> None:
    pd.DataFrame({"Contact ID": ["c1"], "Age": [3]}).to_parquet(tmp_path / "a.parquet")
    lines = opened(tmp_path / "a.ndjson", '{"contactId": "c1", "Age": 3}\n{"contactId": "c2", "Size": 1}\n', "contacts")
    nothing = opened(tmp_path / "b.ndjson", "", "contacts")

    assert [row.fields for row in open_mapped("contacts", tmp_path / "a.parquet").rows()] == [
        {"contact_id": "c1", "Age": 3}
    ]
    assert [row.fields for row in lines.rows()] == [{"contact_id": "c1", "Age": 3}, {"contact_id": "c2", "Size": 1}]
    assert [*nothing.rows()] == []


def test_ignored_columns_are_named(tmp_path: Path) -> None:
    found = opened(
        tmp_path / "a.csv", EVENT.replace("\n", ",Farbe,\n") + "e,win,c,p,2026-01-01T10:00:00Z,x,\n", "feedback"
    )

    assert found.notes() == ["columns ignored: Farbe, (no name, column 7)"]
    assert [*next(found.rows()).fields] == EVENT.strip().split(",")
