"""The options `--processes` and `--dask` of all commands whose work others may share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from dog.config import dask_address

MAX_PROCESSES = 16

Command = TypeVar("Command", bound=Callable[..., Any])


def runner_options(command: Command) -> Command:
    """Give a command `processes` and `dask`, the arguments of `open_runner`."""
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


def _check_address(context: click.Context, option: click.Parameter, address: str | None) -> str | None:  # noqa: ARG001
    if address is None:
        return None
    try:
        return dask_address(address)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
