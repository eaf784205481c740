"""The figures of docs/explanation/reliability.md are those of the history."""

import pytest

from tests.faults.history import read_history
from tests.faults.report import PAGE, make_table, with_table

RUN = {
    "at": "2026-11-30T12:00:00+00:00",
    "commit": "0123456",
    "name": "example",
    "scale": "long",
    "fault": "redis killed",
    "n": 1000,
    "seed": 7,
    "lost": 0,
    "doubled": 0,
    "torn": 0,
    "seconds_to_recover": 2.25,
    "note": "3 kills",
    "server": "Valkey 9.1.2",
    "python": "3.11.7",
    "system": "Linux",
    "cores": 2,
}


def test_the_page_has_the_table_of_the_newest_runs() -> None:
    page = PAGE.read_text("utf-8")

    assert page == with_table(page, make_table(read_history())), "write it: python -m tests.faults --report"


@pytest.mark.parametrize("field", ["at", "commit", "name", "scale", "seed", "server", "python", "system", "cores"])
def test_every_run_of_the_history_says_when_where_and_with_what_it_was_made(field: str) -> None:
    assert [run["fault"] for run in read_history() if not run.get(field)] == []


def test_a_row_has_the_figures_the_form_the_seed_the_commit_and_the_date_of_the_newest_run() -> None:
    table = make_table([RUN | {"n": 5, "at": "2026-01-01T00:00:00+00:00"}, RUN])

    assert table.splitlines()[2:] == [
        "| `example`: redis killed; 3 kills | 1,000 | 0 | 0 | 0 | 2.2 | long, 7 | 0123456, 2026-11-30 |",
        "",
        "Measured with Valkey 9.1.2, Python 3.11.7, Linux, 2 cores.",
    ]
