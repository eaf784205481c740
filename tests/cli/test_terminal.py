"""Output that is the same wherever it does not go to a terminal."""

from dog.cli.terminal import progress_bar, table_console


def test_tables_have_a_fixed_width_when_stdout_is_no_terminal() -> None:
    assert table_console(77).width == 77


def test_progress_can_be_reported_with_and_without_a_step() -> None:
    with progress_bar("train") as report:
        report(0.5, "churn")
        report(1.0)
