"""Works: calls with their data bound to them, small enough to be sent, that other processes may run."""

from collections.abc import Callable, Sequence
from typing import Any

Work = Callable[[], Any]
Run = Callable[[Sequence[Work]], list[Any]]
"""Runs works and returns their results in order."""


def run_in_turn(works: Sequence[Work]) -> list[Any]:
    """Run works in this process, one after another."""
    return [work() for work in works]
