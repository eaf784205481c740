"""What processes have used, as Linux counts it under /proc."""

import os
from pathlib import Path


def processor_seconds(process: int) -> float:
    """Return the processor time of a process alone, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def all_processor_seconds(process: int) -> float:
    """Return the processor time of a process and those it started, in seconds."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return processor_seconds(process) + sum(all_processor_seconds(int(one)) for one in children)


def peak_mb(process: int) -> float:
    """Return the MB that a process held at most."""
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
