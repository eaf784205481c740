"""A runner that remembers which tasks it was given."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from dog.services.runner import LocalRunner, Result
from dog.services.runner_tasks import Edge, no_edge
from dog.services.runtime import Runtime


class RecordingRunner:
    """Runs tasks in this process, and keeps their names."""

    workers = 1

    def __init__(self, runtime: Runtime) -> None:
        self._runner = LocalRunner(runtime)
        self.tasks = set[str]()

    def map(
        self, task: Callable[..., Result], parts: Sequence[Any], *common: Any, edge: Edge = no_edge, keep: bool = False
    ) -> Iterator[Result]:
        """Do what `Runner.map` says."""
        self.tasks.add(task.__name__)
        return self._runner.map(task, parts, *common, edge=edge, keep=keep)
