"""What commands show in a terminal: progress on stderr, tables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn


def make_progress() -> Progress:
    """Return progress bars on stderr that disappear when they are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


@contextmanager
def progress_bar(name: str) -> Iterator[Callable[..., None]]:
    """Show a progress bar; call the yielded function with the share done (0 to 1) and, optionally, the current step."""
    with make_progress() as progress:
        task = progress.add_task(name, total=1.0)

        def report(share: float, step: str = "") -> None:
            progress.update(task, completed=share, description=f"{name}: {step}" if step else name)

        yield report


def table_console(width: int) -> Console:
    """Return a console for stdout, of a fixed width unless it is a terminal."""
    return Console(width=None if Console().is_terminal else width)
