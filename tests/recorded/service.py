"""A checkout at work: its WSGI app and its commands, each in a fork of this process, on one data folder."""

import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson

from tests.recorded.frozen import SharedClock

SHOWN_HEADERS = ("Content-Type", "ETag", "Location", "WWW-Authenticate", "X-DOG-Degraded", "X-Request-Id")
PRELOADED = (
    *(f"dog {name} --help" for name in ("load", "export", "recommend", "doctor", "audit", "backup", "restore")),
    "dog policy check --help",
    "jobs recompute --help",
)
"""Commands whose modules are imported once, before the forks."""
FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the parsed body."""
        return orjson.loads(self.body)

    @property
    def text(self) -> str:
        """Return status, the stable headers and the body, as one text."""
        head = [f"HTTP {self.status}"]
        head += [f"{name}: {self.headers[name]}" for name in SHOWN_HEADERS if name in self.headers]
        if "Allow" in self.headers:  # werkzeug's order is that of a set
            head.append(f"Allow: {sorted(self.headers['Allow'].split(', '))}")
        return "\n".join(head) + "\n\n" + self.body.decode()


def set_environment(checkout: Path, work: Path) -> None:
    """Use a checkout's code and a data folder of its own; call before anything of it is imported."""
    for name in [name for name in os.environ if name.startswith("DOG_")]:
        del os.environ[name]
    os.environ |= {
        "DOG_DATA_DIR": str(work / "var"),
        "DOG_POLICY_DIR": str(work / "policies"),
        "DOG_DURABILITY": "standard",
        "DOG_WORKERS": "1",  # not by the machine's cores
        "DOG_LOG_LEVEL": "warning",
        "COLUMNS": "160",
        "LOGNAME": "recorder",
        "TERM": "dumb",
        "TZ": "UTC",
    }
    sys.path[:] = [str(checkout), *(place for place in sys.path if place not in ("", str(Path.cwd())))]
    os.chdir(work)


class Service:
    """The app of a checkout, running in a fork; commands run in forks beside it.

    Parameters
    ----------
    clock
        Read by all forks.
    work
        The current folder of all forks; their logs stand there.

    """

    def __init__(self, clock: SharedClock, work: Path) -> None:
        self.clock, self.work = clock, work
        for command in PRELOADED:
            _run_module(command.split(), self.work / "preload.log", self.work / "preload.log")
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = FORK.Pipe()
        self._app = FORK.Process(target=_answer_requests, args=(theirs, self.work / "app.log"))
        self._app.start()
        theirs.close()

    def restart(self) -> None:
        """Start the app again: nothing is held in memory."""
        self.stop()
        self._start()

    def stop(self) -> None:
        """Stop the app."""
        with suppress(BrokenPipeError):
            self._pipe.send(None)
        self._app.join(30)

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, key: str = ""
    ) -> Answer:
        """Send a request; a body that is not bytes is sent as JSON."""
        given = {"X-Request-Id": "asked", **({"Authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = orjson.dumps(body)
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        self._pipe.send((method, path, given, body))
        status, found, content = self._pipe.recv()
        return Answer(status, found, content)

    def run(self, *words: str) -> str:
        """Run `python -m WORDS` in a fork; return exit code, stdout and stderr as one text."""
        out, err = self.work / "stdout", self.work / "stderr"
        runner = FORK.Process(target=_run_module, args=(list(words), out, err))
        runner.start()
        runner.join()
        return f"exit {runner.exitcode}\n{out.read_text()}{err.read_text()}"

    def server_processes(self) -> Iterator[int]:
        """List the processes, other than forks of this one, that work under the data folder."""
        ours = {os.getpid(), self._app.pid}
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                named = (place / "cmdline").read_bytes() + os.fsencode((place / "cwd").readlink())
                if int(place.name) not in ours and os.fsencode(self.work / "var") in named:
                    yield int(place.name)

    def signal_server(self, number: signal.Signals) -> None:
        """Send a signal to the embedded server."""
        for process in self.server_processes():
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def close(self) -> None:
        """Stop the app and the embedded server."""
        self.signal_server(signal.SIGCONT)
        self.stop()
        self.signal_server(signal.SIGTERM)


def _answer_requests(pipe: Connection, log: Path) -> None:
    """Answer what comes through the pipe with the app of `wsgi.py`."""
    _redirect(log, log)
    from werkzeug.test import Client  # noqa: PLC0415  # in the fork, after the clock was set

    client = Client(runpy.run_path(str(Path(sys.path[0]) / "wsgi.py"))["app"])
    while (asked := pipe.recv()) is not None:
        method, path, headers, body = asked
        found = client.open(path, method=method, headers=headers, data=body)
        pipe.send((found.status_code, dict(found.headers), found.get_data()))


def _run_module(words: list[str], out: Path, err: Path) -> None:
    """Do what `python -m WORDS` does; exit with its code where this is a fork."""
    is_fork = multiprocessing.parent_process() is not None
    if is_fork:
        _redirect(out, err)
    kept, sys.argv = sys.argv, words
    shown = sys.stdout
    try:
        if not is_fork:
            sys.stdout = out.open("a")
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    except SystemExit:
        if is_fork:
            raise
    finally:
        sys.argv, sys.stdout = kept, shown


def _redirect(out: Path, err: Path) -> None:
    """Send all that this process writes to files."""
    for number, path in ((1, out), (2, err)):
        sys.stdout.flush()
        sys.stderr.flush()
        target = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if out == err else os.O_TRUNC))
        os.dup2(target, number)
        os.close(target)
