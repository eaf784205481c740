import gzip
from itertools import pairwise
from pathlib import Path

import pytest

from dog.errors import InvalidInput
from dog.services.data.table_files import csv_line, inert, pack_rows, plain, write_parts


@pytest.mark.parametrize("text", ["=1+1", "-1", "+1", "@x", "\t=1", "＝1", "'=1", " =1"])
def test_guarding_a_text_can_be_undone(text: str) -> None:
    assert inert(text).startswith("'")
    assert plain(inert(text)) == text


def test_numbers_stay_numbers_and_separators_are_quoted() -> None:
    assert csv_line([-1.5, "a;b", 'say "x"', None]) == '-1.5,"a;b","say ""x""",\n'


def test_a_file_is_there_only_when_it_is_whole(tmp_path: Path) -> None:
    def write(row: dict[str, bytes]) -> None:
        with write_parts(tmp_path / "rows.csv", ["a"], set()) as add:
            add(row["a"])
            add(row["b"])

    with pytest.raises(KeyError):
        write({"a": b"1\n"})
    assert list(tmp_path.iterdir()) == []

    write({"a": b"1\n", "b": b"2\n"})
    assert (tmp_path / "rows.csv").read_text() == "a\n1\n2\n"


def test_the_ending_chooses_the_format(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson.gz"
    with write_parts(path, ["a", "b"], {"a"}) as add:
        add(pack_rows(path.name, ["a", "b"], {"a"}, [{"a": 1, "b": None, "c": 2}]))

    assert gzip.decompress(path.read_bytes()) == b'{"a":1}\n'
    with (
        pytest.raises(InvalidInput, match="the ending must be one of"),
        write_parts(tmp_path / "rows.xlsx", ["a"], set()),
    ):
        pass


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_a_file_does_not_depend_on_how_its_rows_are_divided(tmp_path: Path, ending: str) -> None:
    rows = [{"a": number / 7, "b": f"=text {number % 5}"} for number in range(25_000)]
    whole, parts = tmp_path / f"whole.{ending}", tmp_path / f"parts.{ending}"
    with write_parts(whole, ["a", "b"], {"a"}) as add:
        add(pack_rows(whole.name, ["a", "b"], {"a"}, rows))
    with write_parts(parts, ["a", "b"], {"a"}) as add_part:
        for start, end in pairwise([0, 0, 3, 9_999, 21_000, 25_000]):
            add_part(pack_rows(parts.name, ["a", "b"], {"a"}, rows[start:end]))

    assert parts.read_bytes() == whole.read_bytes()
