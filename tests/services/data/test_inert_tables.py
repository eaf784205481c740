"""What is exported as CSV is inert in a spreadsheet, and comes back as it was."""

import csv
from pathlib import Path

import pytest

from dog.services.data.table_files import inert, pack_rows, plain, write_parts

LIVE_TEXTS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("http://evil.example","x")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1",
    "\u3000=1",
    "\ufeff=1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20A1",
    "'=1+1",
    "''=1",
    "=1;=2",
    "-",
    "--1",
]
QUIET_TEXTS = ["plain", "a=b", "", "'quoted'", "1-2", "a;=1+1", "a\t=1+1", "a|=1", 'say "=1"', "c'est", "line\n=1+1"]
NUMBERS = [-1.5, -3, 0, 1e-300, 12]


def written(folder: Path, texts: list[str], numbers: list[float]) -> str:
    path = folder / "table.csv"
    columns = ["text", "number"]
    rows = [{"text": text, "number": numbers[place % len(numbers)]} for place, text in enumerate(texts)]
    with write_parts(path, columns, {"number"}) as add:
        add(pack_rows(path.name, columns, {"number"}, rows))
    return path.read_bytes().decode()


@pytest.mark.parametrize("text", LIVE_TEXTS)
def test_a_live_text_is_guarded_and_quoted(text: str, tmp_path: Path) -> None:
    body = written(tmp_path, [text], [0]).removeprefix("text,number\n")

    assert body.startswith("\"'")
    assert plain(inert(text)) == text


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_no_cell_is_live_whatever_separates_cells_where_it_is_opened(separator: str, tmp_path: Path) -> None:
    body = written(tmp_path, LIVE_TEXTS + QUIET_TEXTS, [1])
    cells = [cell for row in csv.reader(body.splitlines(keepends=True), delimiter=separator) for cell in row]

    live = [
        cell
        for cell in cells
        if cell.lstrip(" \u00a0\u3000\ufeff").startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"))
    ]
    assert live == []


def test_every_text_comes_back_and_negative_numbers_stay_numbers(tmp_path: Path) -> None:
    texts = LIVE_TEXTS + QUIET_TEXTS
    body = written(tmp_path, texts, NUMBERS)
    rows = list(csv.reader(body.splitlines(keepends=True)))[1:]

    assert [plain(row[0]) for row in rows] == texts
    assert [float(row[1]) for row in rows[: len(NUMBERS)]] == NUMBERS
    assert ",-1.5\n" in body
    assert ",-3\n" in body
