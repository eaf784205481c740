"""`python -m tests.mutants.trial_server`, in a copy of the tree: runs tests against one change after another.

Reads one trial a line from standard input, as JSON, and writes its outcome. What takes long to import and cannot be
changed, all libraries and `dog.core`, is imported once; each trial is a fork that imports the rest, changed.
"""

import contextlib
import importlib
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

OPTIONS = ["-q", "-x", "-p", "no:xdist", "-m", "not slow and not browser", "--hypothesis-seed=1", "--basetemp=.trial"]
OPTIONS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # plugins are among what is imported once
IMPORT_SECONDS = 1800
"""The first time all kernels are compiled."""
CONTACT_TESTS = "tests/services/feedback/test_record_feedback.py"
"""Tests whose imports are those of most others."""


class _FirstFailure:
    """The plugin that writes the first test that fails."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write a test that failed."""
        if report.failed:
            os.write(self._pipe, f"{report.nodeid}\n".encode())

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Write a file that could not be imported."""
        if report.failed:
            os.write(self._pipe, f"{report.nodeid}\n".encode())


def _fork(arguments: list[str], *, tell_modules: bool = False) -> tuple[int, int]:
    """Run pytest in a fork; return its process and the pipe that it writes to."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    code = pytest.main(arguments, plugins=[_FirstFailure(writer)])
    if tell_modules:
        os.write(writer, "\n".join(sys.modules).encode())
    os._exit(int(code))


def _read(reader: int, deadline: float) -> bytes | None:
    """Read a pipe to its end; None where the deadline comes first."""
    read = b""
    while select.select([reader], [], [], max(0.0, deadline - time.monotonic()))[0]:
        part = os.read(reader, 1 << 16)
        read += part
        if not part:
            return read
    return None


def _import_unchanged() -> None:
    child, reader = _fork(["--collect-only", *OPTIONS, CONTACT_TESTS], tell_modules=True)
    names = _read(reader, time.monotonic() + IMPORT_SECONDS)
    if names is None:
        raise TimeoutError(f"the tests were not imported within {IMPORT_SECONDS} seconds")
    os.waitpid(child, 0)
    for name in names.decode().split("\n"):
        if not name.startswith(("dog", "jobs", "tests", "_pytest", "__main__")) or name.startswith("dog.core"):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)


def run_trial(trial: dict[str, Any]) -> dict[str, Any]:
    """Run the tests of one change until one fails; `test` is its name, or "" where pytest itself ended."""
    path = Path(trial["file"])
    before, times = path.read_bytes(), path.stat()
    started = time.monotonic()
    path.write_text(trial["source"], "utf-8")
    try:
        child, reader = _fork([*OPTIONS, *trial["tests"]])
        said = _read(reader, started + trial["most_seconds"])
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(reader)
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    first = (said or b"").decode().partition("\n")[0]
    outcome = "hung" if said is None else "survived" if code == 0 else "noticed"
    return {"outcome": outcome, "test": first, "seconds": round(time.monotonic() - started, 1)}


if __name__ == "__main__":
    _import_unchanged()
    for line in sys.stdin:
        print(json.dumps(run_trial(json.loads(line))), flush=True)  # noqa: T201
