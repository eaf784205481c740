import click
import pytest

from dog.cli.main import COMMANDS, dog


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_found_where_the_table_says(name: str) -> None:
    assert isinstance(dog.get_command(click.Context(dog), name), click.Command)


def test_an_unknown_command_is_none() -> None:
    assert dog.get_command(click.Context(dog), "fly") is None
