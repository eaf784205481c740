"""Output that is the same wherever it does not go to a terminal."""

import pytest

from dog.cli import terminal
from dog.cli.terminal import progress_bar, table_console


def test_tables_have_a_fixed_width_when_stdout_is_no_terminal() -> None:
    assert table_console(77).width == 77


def test_progress_can_be_reported_with_and_without_a_step() -> None:
    with progress_bar("train") as report:
        report(0.5, "churn")
        report(1.0)


def test_off_a_terminal_long_work_prints_lines_and_short_work_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_bar("load") as report:
        report(0.5)
    short = capsys.readouterr().err
    monkeypatch.setattr(terminal, "LINE_SECONDS", 0.0)
    with progress_bar("train") as report:
        report(0.25)
        report(0.5, "churn")

    assert (short, capsys.readouterr().err) == ("", "train: 25%\ntrain: 50%, churn\n")
