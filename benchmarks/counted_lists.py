"""The process whose instructions are counted: answers lists under callgrind, in this process, without a server.

`count_instructions.py` starts it. The application, its API keys, limits, metrics and log line are those of `dog serve`
(the log goes to a file); Redis runs outside. Decisions are written after every ten lists, as many as a worker under
full load collects, by this thread: how often a thread is woken depends on time, and time passes at another pace here.

First all lists are counted as a whole. Then some are repeated once for each stage: the functions of `STAGES`
switch counting on where their stage begins and off where it ends or where another stage begins inside.
"""

import importlib
import io
import sys
import time
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

import orjson

from benchmarks.callgrind import Callgrind

Answer = Callable[[dict[str, Any]], bytes]
Function = Callable[..., Any]
WARM, COUNTED, EVERY = 40, 100, 5
"""Lists before counting, lists counted as a whole; every fifth of these is counted by stage."""
LISTS_A_FLUSH = 10
OUTERMOST, EMPTY = "door", "empty"
LISTS = "dog.services.lists"
STAGES = {
    OUTERMOST: (),
    "read": (f"{LISTS}.rank_request:_read",),
    "scores": (f"{LISTS}.rank_request:gather_inputs", f"{LISTS}.rank_request:score_options"),
    "rules": (
        f"{LISTS}.gather_inputs:gather_rule_columns",
        f"{LISTS}.rank_request:rank_options",
    ),
    "items": (f"{LISTS}.recommend:write_decision",),
    "decision": (f"{LISTS}.recommend:_store", f"{LISTS}.decision_writer:DecisionWriter.work"),
    "log": ("dog.api.list_route:record_request", "dog.api.list_route:answer_headers"),
}
"""Functions of each stage, by the module in which they are looked up. What is in no other stage is the door's:
Flask, key, limit, body, and what passes values on."""


class StageCounter:
    """Counts one stage at a time, less what is counted of this class itself."""

    def __init__(self, callgrind: Callgrind) -> None:
        self.entries = 0  # how often counting was switched on
        self._callgrind = callgrind
        self._counted = ""
        self._inside = ""

    def count(self, stage: str, work: Callable[[], object]) -> int:
        """Count a stage during some work; return how often counting was switched on."""
        self._counted, self.entries = stage, 0
        work()
        self._callgrind.dump(stage)
        self._counted = ""
        return self.entries

    def stage(self, name: str, function: Function) -> Function:
        """Return a function whose calls are in a stage."""

        @wraps(function)
        def in_stage(*arguments: Any, **named: Any) -> Any:
            outer = self._inside
            self._enter(name)
            try:
                return function(*arguments, **named)
            finally:
                self._enter(outer)

        return in_stage

    def _enter(self, stage: str) -> None:
        was_counting, counting = self._inside == self._counted, stage == self._counted
        self._inside = stage
        self.entries += counting > was_counting
        if counting != was_counting:
            self._callgrind.toggle()

    def put_into(self, place: str, stage: str) -> None:
        """Put what `MODULE:NAME` holds into a stage: a function or a method."""
        module, _, path = place.partition(":")
        *owners, name = path.split(".")
        owner: Any = importlib.import_module(module)
        for attribute in owners:
            owner = getattr(owner, attribute)
        setattr(owner, name, self.stage(stage, getattr(owner, name)))


def environ_of(body: bytes, key: str) -> dict[str, Any]:
    """Return the WSGI environment of a request for a list, as the server builds it."""
    return {
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/v1/recommendations",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "x",
        "HTTP_AUTHORIZATION": f"Bearer {key}",
    }


def answer_with(app: Any) -> Answer:
    """Return the function that answers a request by a WSGI application, and checks the status."""

    def answer(environ: dict[str, Any]) -> bytes:
        statuses: list[str] = []
        body = b"".join(app(environ, lambda status, *_: statuses.append(status)))
        if not statuses[0].startswith("200"):
            raise RuntimeError(f"{statuses[0]}: {body.decode()[:500]}")
        return body

    return answer


def floor() -> tuple[Answer, Function]:
    """Return how the floor answers; it writes nothing."""
    from benchmarks.floor import app  # noqa: PLC0415  # each target by itself

    return answer_with(app), lambda: None


def service() -> tuple[Answer, Function]:
    """Return how the service answers a request, and how it writes the decisions that wait."""
    stopped_at = time.monotonic()
    time.monotonic = lambda: stopped_at  # what is read again after seconds would be read again every few lists here
    from dog.services.lists import decision_writer  # noqa: PLC0415  # after the line above

    decision_writer.FLUSH_SECONDS = 3600.0
    import wsgi  # noqa: PLC0415  # after the line above

    return answer_with(wsgi.app), wsgi.runtime.shared(decision_writer.DecisionWriter).flush


def run(answer: Answer, write: Function, bodies: Iterable[bytes], key: str) -> Function:
    """Return a function that asks for lists one after the other, and writes what waits after every ten."""
    environs = [environ_of(body, key) for body in bodies]

    def ask() -> None:
        for number, environ in enumerate(environs, 1):
            answer(environ)
            if number % LISTS_A_FLUSH == 0 or number == len(environs):
                write()

    return ask


def main(target: str, folder: Path) -> None:
    """Count the lists of `requests.ndjson` in a folder; write `entries.json` there."""
    key, *bodies = (folder / "requests.ndjson").read_bytes().splitlines()
    callgrind = Callgrind()
    answer, write = floor() if target == "floor" else service()
    run(answer, write, bodies[:WARM], key.decode())()
    counted = bodies[WARM : WARM + COUNTED]
    ask = run(answer, write, counted, key.decode())
    callgrind.start()
    ask()
    callgrind.dump("total")
    if target == "floor":
        return
    callgrind.toggle()
    stages = StageCounter(callgrind)
    for stage, places in STAGES.items():
        for place in places:
            stages.put_into(place, stage)
    answer, empty = stages.stage(OUTERMOST, answer), stages.stage(EMPTY, lambda: None)
    entries = {EMPTY: stages.count(EMPTY, lambda: [empty() for _ in range(COUNTED)])}
    for stage in STAGES:
        entries[stage] = stages.count(stage, run(answer, write, counted[::EVERY], key.decode()))
    (folder / "entries.json").write_bytes(orjson.dumps(entries))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
