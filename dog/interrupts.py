"""Ctrl-C: one line and exit code 130 from the first import to the end of the process."""

import os
import signal
import sys
from typing import TYPE_CHECKING  # no more: Ctrl-C while these are imported shows a traceback

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

INTERRUPTED = 130
"""The exit code that shells give a command that Ctrl-C ended."""
UNWIND_SECONDS = 5.0
"""How long a command may take to close what it has opened."""
RETRY_SECONDS = 0.01
"""How soon Ctrl-C is raised again after C code that called Python has dropped the exception."""


class CommandInterrupted(BaseException):
    """Ctrl-C. Not a KeyboardInterrupt: libraries catch that, and some print a traceback of it."""


def exit_on_interrupt() -> None:
    """From now on exit at once on Ctrl-C; for while modules are imported and nothing is open yet."""
    signal.signal(signal.SIGINT, exit_interrupted)


def raise_on_interrupt() -> None:
    """From now on raise CommandInterrupted on Ctrl-C; exit at the second one, or if the first took 5 seconds."""
    signal.signal(signal.SIGINT, _raise_interrupted)
    sys.unraisablehook = _raise_if_dropped


def exit_interrupted(*_: object) -> None:
    """Print one line and exit, without what Python does at an exit: that may take seconds."""
    os.write(sys.stderr.fileno(), b"\ninterrupted\n" if os.isatty(sys.stderr.fileno()) else b"interrupted\n")
    os._exit(INTERRUPTED)


def _raise_interrupted(*_: object) -> None:
    exit_on_interrupt()
    signal.signal(signal.SIGALRM, exit_interrupted)
    signal.setitimer(signal.ITIMER_REAL, UNWIND_SECONDS)
    raise CommandInterrupted


def _raise_if_dropped(unraisable: "UnraisableHookArgs") -> None:
    """Raise Ctrl-C again if it arrived in a finalizer or in a callback of C code: Python drops exceptions there."""
    if not isinstance(unraisable.exc_value, CommandInterrupted):
        sys.__unraisablehook__(unraisable)
        return
    signal.signal(signal.SIGALRM, _raise_interrupted)
    signal.setitimer(signal.ITIMER_REAL, RETRY_SECONDS)
