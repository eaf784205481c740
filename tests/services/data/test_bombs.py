"""Files that unpack to far more than they are: read no further than a line may be long."""

import gzip
import tracemalloc
from pathlib import Path

import pytest

from dog.errors import InvalidInput
from dog.services.data.read_rows import DataFile


@pytest.mark.parametrize("name", ["bomb.csv.gz", "bomb.ndjson.gz"])
def test_a_packed_line_of_a_quarter_of_a_gibibyte_is_refused_in_little_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(b"contact_id\n" if ".csv" in name else b"\n")
        for _ in range(256):
            out.write(b"a" * (1 << 20))
    tracemalloc.start()
    with pytest.raises(InvalidInput, match="line 2 is longer"):
        list(DataFile(path).rows())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert path.stat().st_size < 2 << 20
    assert most < 50 << 20


def test_a_line_of_json_is_as_strict_as_a_body(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    path.write_bytes(b'{"a":1,"a":2}\n{"a":NaN}\n{"a":1}\n')
    rows = list(DataFile(path).rows())

    assert [row.fields for row in rows] == [{}, {}, {"a": 1}]
    assert rows[0].fault is not None
    assert "twice" in rows[0].fault.message


def test_a_broken_first_line_of_csv_is_told_and_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b'contact_id,"a""b\n"c\n1,2\n')

    with pytest.raises(InvalidInput, match="line 1, which names the columns, is not CSV"):
        list(DataFile(path).rows())
