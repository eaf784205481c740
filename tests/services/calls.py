"""Calls for the tests of child processes, in a module that a child imports fast."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dog.errors import NotReady
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.audit_log import acting_name


def describe(runtime: Runtime, report: Callable[..., None]) -> dict[str, Any]:
    """Return where and as whom the call is made."""
    report(0.5, "half")
    return {"process": os.getpid(), "by": acting_name(), "redis": runtime.redis.ping(), "nice": os.nice(0)}


def refuse(_runtime: Runtime, _report: Callable[..., None]) -> None:
    raise NotReady("no week of pitches is complete", code="no_week")


def divide(_runtime: Runtime, _report: Callable[..., None]) -> float:
    return 1 / 0


def read_half_a_file(_runtime: Runtime, _report: Callable[..., None]) -> None:
    raise EOFError("the file ends early")


def answer_at_length(_runtime: Runtime, report: Callable[..., None]) -> bytes:
    """Report the process, then return more than a pipe holds."""
    report(os.getpid())
    return bytes(1 << 24)


def die(_runtime: Runtime, _report: Callable[..., None]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wait_forever(_runtime: Runtime, report: Callable[..., None]) -> None:
    """Report the process, then do nothing."""
    report(os.getpid())
    time.sleep(600)


def work_once(_runtime: Runtime, _runner: Runner, report: Callable[..., None]) -> Mapping[str, Any]:
    """Work as a job."""
    report(0.5, "half")
    return {"by": acting_name(), "process": os.getpid()}


def wait_as_job(_runtime: Runtime, _runner: Runner, report: Callable[..., None], *, file: Path) -> Mapping[str, Any]:
    """Write the process to a file, then do nothing."""
    report(0.25, "waiting")
    file.with_suffix(".new").write_text(str(os.getpid()))
    file.with_suffix(".new").rename(file)
    time.sleep(600)
    return {}
