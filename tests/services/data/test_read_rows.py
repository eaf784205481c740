"""Data files: endings, several readings, encodings."""

import gzip
from pathlib import Path

import pytest

from dog.errors import InvalidInput
from dog.services.data.file_dialect import Dialect
from dog.services.data.read_rows import DataFile


def test_a_file_can_be_read_again_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a;b\n1;2\n"))
    data = DataFile(path, Dialect(delimiter=";"))

    assert data.columns() == ["a", "b"]
    assert [row.fields for row in data.rows()] == [row.fields for row in data.rows()] == [{"a": "1", "b": "2"}]
    assert data.share_read == 1.0


def test_bytes_of_another_encoding_are_named_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("a\nü\n".encode("cp1252"))

    with pytest.raises(InvalidInput, match=r"a\.csv: byte 2 is not UTF-8; state the encoding"):
        list(DataFile(path).rows())
    assert [row.fields for row in DataFile(path, Dialect(encoding="cp1252")).rows()] == [{"a": "ü"}]


@pytest.mark.parametrize("name", ["a.xls", "a", "a.gz", "a.xlsx.gz"])
def test_other_endings_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="the ending must be one of"):
        DataFile(tmp_path / name)
