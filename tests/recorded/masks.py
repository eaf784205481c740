"""Hide what is random by nature, or belongs to the machine, before answers are compared."""

import re
from pathlib import Path

Mask = tuple[re.Pattern[str], str]

GENERATED = re.compile(r"\bd_[0-9a-f]{16,}")
PATTERNS: tuple[Mask, ...] = (
    (GENERATED, "d_*"),
    (re.compile(r"\b(job|run)_[0-9a-f]{8,}"), r"\1_*"),
    (re.compile(r'"lap":\d+'), '"lap":"*"'),
)
"""Generated ids (decisions, jobs, runs), and laps: that of a list made while others are written may be off by one."""
AUDIT: tuple[Mask, ...] = (
    (re.compile(r'"at":"[^"]*"'), '"at":"*"'),
    (re.compile(r'"source":"[^"]*"'), '"source":"*"'),
    (re.compile(r'"next_cursor":"[^"]*"'), '"next_cursor":"*"'),
    (re.compile(r'"request_id":"[^"]*"'), '"request_id":"*"'),
    (re.compile(r"^\d{4}-\d\d-\d\dT\S+  (\S+ \S+)  \S*  ", re.MULTILINE), r"*  \1  *  "),
)
"""Of the list of acts: the time, which is the machine's and not the frozen one, and the machine's name."""
REQUEST: tuple[Mask, ...] = ((re.compile(r'((?:X-Request-Id: |"request_id":"))[0-9a-f]{16}\b'), r"\1*"),)
"""Of a request without an id that the service takes: the id that it gets."""
JOBS: tuple[Mask, ...] = (
    (re.compile(r'"holder":"[^"]*"'), '"holder":"*"'),
    (re.compile(r'"by":"user [^"]*"'), '"by":"user *"'),
    (re.compile(r'"code":"[^"]*"'), '"code":"*"'),
)
"""Of jobs and runs: who ran them, and the version of the code."""
MACHINE: tuple[Mask, ...] = (
    (re.compile(r"[\d,]+ bytes"), "* bytes"),
    (
        re.compile(r"^(ok |FIX) (server|speed of \w+|recursions of [\w-]+|\d+-W\d+ \w+): .*$", re.MULTILINE),
        r"\1 \2: *",
    ),
)
"""Of `dog doctor`: sizes in memory, speed, the server's version, laps, and shares of actors (written once a second)."""


LONG_NUMBER = re.compile(r"-?\d+\.\d{8,}(?:[eE][+-]?\d+)?")
"""Kinds of processors differ in the last bits of exp and log: after sums by 1e-11 of a number at most."""


def mask(text: str, work: Path, *more: Mask, is_exact: bool = False) -> str:
    """Hide generated ids, the data folder, what the further patterns say, and unless `is_exact`, last digits."""
    text = text.replace(str(work), "WORK")
    if not is_exact:
        text = LONG_NUMBER.sub(lambda number: f"{float(number[0]):.7g}", text)
    for pattern, instead in (*PATTERNS, *more):
        text = pattern.sub(instead, text)
    return text
