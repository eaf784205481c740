import click
import pytest

from jobs.cli import BY_HAND, COMMANDS, jobs


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_found_where_the_table_says(name: str) -> None:
    assert isinstance(jobs.get_command(click.Context(jobs), name), click.Command)


def test_what_runs_by_hand_is_a_command() -> None:
    assert set(BY_HAND) <= set(COMMANDS)
