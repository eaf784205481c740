"""What the kernel says about processes (Linux)."""

from pathlib import Path


def children(pid: int) -> list[int]:
    """List the processes that a process started and that live."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, task.read_text().split())
        except OSError:  # it ended while we looked
            continue
    return found
