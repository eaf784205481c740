"""Rows of CSV: their lines, their names of columns, and what a broken one has."""

import io

import pytest

from dog.errors import InvalidInput
from dog.services.data.text_rows import CsvRows, Lines, name_columns


def rows_of(text: str, delimiter: str = ",") -> CsvRows:
    return CsvRows(Lines(io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8-sig", newline="")), delimiter)


def test_rows_keep_their_lines_after_a_line_that_states_the_delimiter() -> None:
    rows = rows_of('sep=;\r\na;b\r\n1;"x\r\ny"\r\n2;z\r\n', ";")

    assert rows.columns == ["a", "b"]
    assert [(row.line, row.fields["b"]) for row in rows] == [(3, "x\r\ny"), (5, "z")]


def test_a_broken_row_keeps_its_cells() -> None:
    rows = list(rows_of('a,b\n1,2,3\n"x"y,2\n4,5\n'))
    faults = [row.fault for row in rows]

    assert [row.line for row in rows] == [2, 3, 4]
    assert faults[0] is not None
    assert (faults[0].message, faults[0].cells) == ("has 3 fields where the header names 2", ["1", "2", "3"])
    assert faults[1] is not None
    assert (faults[1].code, faults[1].cells) == ("broken_line", ['"x"y,2'])


def test_a_name_twice_is_refused_with_both_places() -> None:
    with pytest.raises(InvalidInput, match=r"a column is named twice: 'a' \(columns 1, 3\); 'b' \(columns 2, 4\)"):
        name_columns(["a", "b", "a", "b"])


def test_columns_without_a_name_do_not_count_as_the_same() -> None:
    assert rows_of("a,,\n1,2,3\n").columns == ["a", "(no name, column 2)", "(no name, column 3)"]
    with pytest.raises(InvalidInput, match="the file is empty"):
        rows_of("\n")
