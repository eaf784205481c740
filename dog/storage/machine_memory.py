"""How much memory this process may use: the machine's, or that of its control group where that is less."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SYSTEM = Path("/")


def read_memory_limit(system: Path = SYSTEM) -> int:
    """Return the number of bytes; of nested control groups, such as a container's and a unit's, the smallest counts."""
    limits = [_machine_bytes(system), *_group_limits(system)]
    return min(limits)


def _machine_bytes(system: Path) -> int:
    first = (system / "proc/meminfo").read_text().splitlines()[0]  # MemTotal:       24613880 kB
    return int(first.split()[1]) * 1024


def _group_limits(system: Path) -> Iterator[int]:
    """Yield the limits of the groups of this process, of both versions of control groups; a group may have none."""
    groups: list[str] = []
    with suppress(OSError):
        groups = (system / "proc/self/cgroup").read_text().splitlines()  # 0::/a/b, or 5:memory:/a/b
    for line in groups:
        _, controllers, inside = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        root, name = ("memory", "memory.limit_in_bytes") if controllers else ("", "memory.max")
        here = Path(inside.lstrip("/"))
        for group in (here, *here.parents):
            with suppress(OSError, ValueError):  # `max`, or a group that this container does not see
                yield int((system / "sys/fs/cgroup" / root / group / name).read_text())
