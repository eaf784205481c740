"""Ctrl-C: exit code 130 and one line, before and after the first imports, and also if closing takes too long."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRESS = "os.kill(os.getpid(), signal.SIGINT)"
AT_ONCE = f"exit_on_interrupt(); {PRESS}; print('went on')"
CLOSING = f"""
raise_on_interrupt()
try:
    {PRESS}
except Exception:
    print("swallowed")
except dog.interrupts.CommandInterrupted:
    print("closed", flush=True)
    exit_interrupted()
"""
IN_A_CALLBACK = f"""
import ctypes
raise_on_interrupt()
try:
    ctypes.CFUNCTYPE(None)(lambda: {PRESS})()
    time.sleep(60)
except dog.interrupts.CommandInterrupted:
    print("closed", flush=True)
    exit_interrupted()
"""
TOO_SLOW = f"""
dog.interrupts.UNWIND_SECONDS = 0.1
raise_on_interrupt()
try:
    {PRESS}
finally:
    time.sleep(600)
"""


@pytest.mark.parametrize(
    ("code", "printed"),
    [(AT_ONCE, ""), (CLOSING, "closed\n"), (IN_A_CALLBACK, "closed\n"), (TOO_SLOW, "")],
    ids=["at once", "closing", "in a callback", "too slow"],
)
def test_an_interrupted_process_says_so_in_one_line_and_exits_with_130(code: str, printed: str) -> None:
    start = "import os, signal, time, dog.interrupts; from dog.interrupts import *\n"
    done = subprocess.run(
        [sys.executable, "-c", start + code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr, done.stdout) == (130, "interrupted\n", printed)
