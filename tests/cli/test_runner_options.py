"""The options that say who shares the work of a command."""

import click
import pytest
from click.testing import CliRunner

from dog.cli.runner_options import runner_options


@click.command()
@runner_options
def command(processes: int, dask: str | None) -> None:
    click.echo(f"{processes} {dask}")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "1 None"),
        (["--processes", "3"], "3 None"),
        (["--dask", "tls://scheduler:8786"], "1 tls://scheduler:8786"),
        (["--dask", "scheduler:8786"], "must be tcp://HOST:PORT or tls://HOST:PORT"),
        (["--processes", "17"], "17 is not in the range"),
    ],
)
def test_a_command_is_told_who_shares_its_work(arguments: list[str], says: str) -> None:
    assert says in CliRunner().invoke(command, arguments).output
