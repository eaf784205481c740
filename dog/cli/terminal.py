"""What commands show: progress on stderr, as a bar in a terminal and as lines elsewhere; tables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

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

    Off a terminal, as in a log, a line is printed every ten seconds, whether anything was reported or not.
    """
    with make_progress() as progress:
        if progress.disable:
            with _print_lines(name) as report:
                yield report
            return
        task = progress.add_task(name, total=1.0)

        def update(share: float, step: str = "") -> None:
            progress.update(task, completed=share, description=f"{name}: {step}" if step else name)

        yield update


@contextmanager
def _print_lines(name: str) -> Iterator[Callable[..., None]]:
    last, ended = "0%", Event()

    def report(share: float, step: str = "") -> None:
        nonlocal last
        last = f"{share:.0%}{f', {step}' if step else ''}"

    def print_last() -> None:
        while not ended.wait(LINE_SECONDS):
            click.echo(f"{name}: {last}", err=True)

    printing = Thread(target=print_last, daemon=True)
    printing.start()
    try:
        yield report
    finally:
        ended.set()
        printing.join()


def table_console(width: int) -> Console:
    """Return a console for stdout, of a fixed width unless it is a terminal."""
    return Console(width=None if Console().is_terminal else width)
