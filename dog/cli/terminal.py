"""What commands show: progress on stderr, as a bar in a terminal and as lines elsewhere; tables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

LINE_SECONDS = 10.0


def make_progress() -> Progress:
    """Return progress bars on stderr that disappear when they are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[..., None]]:
    """Show a progress bar; call the yielded function with the share done (0 to 1) and, optionally, the current step.

    Off a terminal, as in a log, work that takes long prints a line every ten seconds.
    """
    with make_progress() as progress:
        if progress.disable:
            yield _print_shares(name)
            return
        task = progress.add_task(name, total=1.0)

        def report(share: float, step: str = "") -> None:
            progress.update(task, completed=share, description=f"{name}: {step}" if step else name)

        yield report


def _print_shares(name: str) -> Callable[..., None]:
    printed_at = monotonic()

    def report(share: float, step: str = "") -> None:
        nonlocal printed_at
        if monotonic() - printed_at >= LINE_SECONDS:
            printed_at = monotonic()
            click.echo(f"{name}: {share:.0%}{f', {step}' if step else ''}", err=True)

    return report


def table_console(width: int) -> Console:
    """Return a console for stdout, of a fixed width unless it is a terminal."""
    return Console(width=None if Console().is_terminal else width)
