"""Output that is the same wherever it does not go to a terminal."""

import pytest

from dog.cli import terminal
from dog.cli.terminal import progress_bar, table_console
from tests.servers import wait_until


def test_tables_have_a_fixed_width_when_stdout_is_no_terminal() -> None:
    assert table_console(77).width == 77


def test_progress_can_be_reported_with_and_without_a_step() -> None:
    with progress_bar("train") as report:
        report(0.5, "churn")
        report(1.0)


def test_off_a_terminal_short_work_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("load") as report:
        report(0.5)

    assert capsys.readouterr().err == ""


def test_off_a_terminal_long_work_prints_lines_even_if_it_reports_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "LINE_SECONDS", 0.01)

    def prints(line: str) -> bool:
        return line in capsys.readouterr().err.splitlines()

    with progress_bar("train") as report:
        wait_until(lambda: prints("train: 0%"))
        report(0.5, "churn")
        wait_until(lambda: prints("train: 50%, churn"))
        wait_until(lambda: prints("train: 50%, churn"))
