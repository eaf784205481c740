"""The options `--processes` and `--dask` of all commands whose work others may share, and what they open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from dog.bootstrap import build_runtime
from dog.cli.terminal import progress_bar
from dog.config import dask_address
from dog.services.runner import Runner, open_runner
from dog.services.runtime import Runtime

MAX_PROCESSES = 16

Command = TypeVar("Command", bound=Callable[..., Any])


def runner_options(command: Command) -> Command:
    """Give a command `processes` and `dask`, the arguments of `open_job`."""
    with_dask = click.option(
        "--dask",
        metavar="ADDRESS",
        callback=_check_address,
        help="Run on this Dask cluster, tcp://HOST:PORT or tls://HOST:PORT, instead of the one that DOG_DASK names.",
    )
    with_processes = click.option(
        "--processes",
        default=1,
        show_default=True,
        type=click.IntRange(1, MAX_PROCESSES),
        help="Processes of this machine that share the work, instead of a Dask cluster.",
    )
    return with_processes(with_dask(command))


@contextmanager
def open_job(title: str, *, processes: int, dask: str | None) -> Iterator[tuple[Runtime, Runner, Callable[..., None]]]:
    """Build the runtime of a command, open the runner that it asks for, and show its progress; yield all three."""
    with (
        build_runtime() as runtime,
        open_runner(runtime, processes=processes, dask=dask) as runner,
        progress_bar(title) as report,
    ):
        yield runtime, runner, report


def _check_address(context: click.Context, option: click.Parameter, address: str | None) -> str | None:  # noqa: ARG001
    if address is None:
        return None
    try:
        return dask_address(address)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
