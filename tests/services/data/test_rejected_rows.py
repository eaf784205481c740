"""The file of rejected rows: the columns as they were, with line, code and reason."""

from pathlib import Path

import pytest

from dog.services.data.data_rows import Row
from dog.services.data.mapping.map_entries import PLAIN, FileEntry
from dog.services.data.mapping.mapped_file import open_mapped
from dog.services.data.mapping.reject_names import rejected_path
from dog.services.data.rejected_rows import RejectedRows
from dog.services.data.row_values import ACCEPTED, RowOutcome
from dog.storage.event_log import Status

REJECTED = RowOutcome(Status.REJECTED, "invalid_row", "is bad")


def rejected(path: Path, kind: str, content: bytes, entry: FileEntry = PLAIN) -> str:
    """Reject all rows of a file, and return what is written of them."""
    path.write_bytes(content)
    source = open_mapped(kind, path, entry)
    rejects = RejectedRows(source)
    rows: list[Row] = list(source.rows())
    rejects.add(rows, [REJECTED] * len(rows))
    written = rejects.close()
    assert written is not None
    return written.read_bytes().decode()


def test_names_values_and_delimiter_are_those_of_the_file(tmp_path: Path) -> None:
    content = 'Artikel;Wert;"x;y"\np1;1,50;=1+1\n"p;2";n/a;\n'.encode("cp1252")
    written = rejected(tmp_path / "a.csv", "products", content)

    assert written == (
        '\ufeffline;code;reason;Artikel;Wert;"x;y"\n'
        '2;invalid_row;is bad;p1;"1,50";"\'=1+1"\n'
        '3;invalid_row;is bad;"p;2";n/a;\n'
    )


def test_a_row_with_other_numbers_of_fields_keeps_them_all(tmp_path: Path) -> None:
    written = rejected(tmp_path / "a.csv", "products", b"product_id,name\np1,a,b\np2\n")
    again = rejected(tmp_path / "a.csv.rejected.csv", "products", written.encode())

    assert written == "line,code,reason,product_id,name\n2,invalid_row,is bad,p1,a,b\n3,invalid_row,is bad,p2\n"
    assert again == written
    assert (tmp_path / "a.csv.rejected.2.csv").exists()


def test_rows_of_ndjson_have_all_the_names_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dog.services.data.mapping.mapped_file.HEAD_ROWS", 1)
    content = b'{"contactId": "c1"}\n{"contactId": "c2", "channels": ["a", "b"], "age": 3}\n[1]\n'

    assert rejected(tmp_path / "a.ndjson", "contacts", content) == (
        "line,code,reason,contactId,channels,age\n"
        '1,invalid_row,is bad,c1,,\n2,invalid_row,is bad,c2,"a;b",3\n3,invalid_row,is bad,[1]\n'
    )


def test_without_rejected_rows_there_is_no_file_and_an_old_one_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("product_id\np1\n")
    rejected_path(path).write_text("old")
    source = open_mapped("products", path)
    rejects = RejectedRows(source)
    rejects.add(list(source.rows()), [ACCEPTED])

    assert rejects.close() is None
    assert not rejected_path(path).exists()


def test_rejects_of_rejects_never_overwrite_what_is_loaded() -> None:
    names = [Path("a.xlsx")]
    for _ in range(3):
        names.append(rejected_path(names[-1]))

    assert [path.name for path in names[1:]] == [
        "a.xlsx.rejected.csv",
        "a.xlsx.rejected.2.csv",
        "a.xlsx.rejected.3.csv",
    ]
