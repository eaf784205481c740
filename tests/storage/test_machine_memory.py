"""The memory that a process may use: of the machine and of the groups it is in, the smallest."""

from pathlib import Path

import pytest

from dog.storage.machine_memory import read_memory_limit

MACHINE = 8 << 30


def machine(folder: Path, groups: str, limits: dict[str, str]) -> Path:
    """Write what the kernel shows of a machine of 8 GB."""
    (folder / "proc/self").mkdir(parents=True)
    (folder / "proc/meminfo").write_text(f"MemTotal:       {MACHINE // 1024} kB\nMemFree: 1 kB\n")
    (folder / "proc/self/cgroup").write_text(groups)
    for place, limit in limits.items():
        path = folder / "sys/fs/cgroup" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(limit)
    return folder


@pytest.mark.parametrize(
    ("groups", "limits", "expected"),
    [
        ("0::/\n", {}, MACHINE),
        ("0::/\n", {"memory.max": "max\n"}, MACHINE),
        ("0::/\n", {"memory.max": "1000000\n"}, 1_000_000),
        ("0::/a/b\n", {"a/memory.max": "500\n", "a/b/memory.max": "max\n"}, 500),
        ("4:memory:/docker/x\n0::/\n", {"memory/memory.limit_in_bytes": "700\n"}, 700),
        ("4:memory:/\n", {"memory/memory.limit_in_bytes": "9223372036854771712\n"}, MACHINE),
        ("5:cpu:/a\n", {"a/memory.max": "500\n"}, MACHINE),
    ],
)
def test_the_smallest_limit_counts(tmp_path: Path, groups: str, limits: dict[str, str], expected: int) -> None:
    assert read_memory_limit(machine(tmp_path, groups, limits)) == expected


def test_of_this_machine_it_is_more_than_nothing() -> None:
    assert read_memory_limit() > 100 << 20
