"""The running service: it comes back after its Redis is killed, counts what was answered, and stops cleanly."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson
import pytest

from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from tests.faults.processes import children
from tests.servers import holds_a_server, wait_until

ROOT = Path(__file__).parents[2]


class Service:
    """`dog serve` on a free port, with a data folder of its own."""

    def __init__(self, data_dir: Path, stderr: Any = None, *, wait: bool = True) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOG_")}
        own = {"DOG_DATA_DIR": str(data_dir), "DOG_BIND": f"127.0.0.1:{self.port}", "DOG_AUTH": "off"}
        self.environ = {**kept, **own}
        self.data_dir = data_dir
        self.start(stderr, wait=wait)

    def start(self, stderr: Any = None, *, wait: bool = True) -> None:
        """Start the service in a process group of its own; wait until it is ready."""
        command = [sys.executable, "-m", "dog", "serve"]
        self.process = subprocess.Popen(command, env=self.environ, cwd=ROOT, stderr=stderr, start_new_session=True)
        if wait:
            self.until_ready()

    def call(self, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the API; status 0 where nobody answers."""
        data = None if body is None else orjson.dumps(body)
        request = Request(f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": "application/json"})
        try:
            with urlopen(request, timeout=60) as answer:
                return answer.status, orjson.loads(answer.read())
        except HTTPError as error:
            with error:
                return error.code, orjson.loads(error.read())
        except OSError:  # also one of urllib's, or an answer that does not come in time
            return 0, None

    def until_ready(self) -> None:
        """Wait until requests can be served."""
        wait_until(lambda: self.call("/health/ready")[0] == 200, 100)


@contextmanager
def serving(data_dir: Path) -> Iterator[Service]:
    running = Service(data_dir)
    yield running
    running.process.terminate()
    running.process.wait(100)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with serving(tmp_path / "var") as running:
        yield running


@pytest.fixture(scope="module")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Run one service for the tests that kill nothing and need no empty store: each start takes two seconds."""
    with serving(tmp_path_factory.mktemp("shared") / "var") as running:
        yield running


def event(number: int) -> dict[str, Any]:
    return {
        "event_id": f"e{number}",
        "type": "pitch",
        "contact_id": f"c{number % 7}",
        "product_id": "p1",
        "occurred_at": "2026-01-05T10:00:00Z",
    }


def call_until_answered(service: Service, path: str, body: Any = None) -> Any:
    """Send a request as a client does that tries again, with the same id, while Redis is away; return the answer."""
    give_up = time.monotonic() + 100
    while not 200 <= (found := service.call(path, body))[0] < 300:
        assert time.monotonic() < give_up, f"{path} is not answered: {found}"
        time.sleep(0.1)
    return found[1]


def recompute(service: Service) -> Any:
    """Start a recompute and return its job once it has ended."""
    job_id = call_until_answered(service, "/v1/jobs/recompute", {})["job_id"]
    wait_until(lambda: call_until_answered(service, f"/v1/jobs/{job_id}")["state"] in ("done", "failed"), 100)
    return call_until_answered(service, f"/v1/jobs/{job_id}")


def test_what_was_accepted_survives_kills_of_redis_and_is_counted_once(service: Service) -> None:
    for number in range(60):
        answer = call_until_answered(service, "/v1/feedback", {"events": [event(number)]})
        assert answer["results"][0]["status"] in ("accepted", "duplicate")
        if number % 20 == 10:
            server = EmbeddedServer(service.data_dir)
            with connect(server.url) as client:
                os.kill(client.info("server")["process_id"], signal.SIGKILL)
    jobs = [recompute(service)]
    while jobs[-1]["state"] == "failed" and len(jobs) < 5:  # on a busy machine Redis may not answer in time
        jobs.append(recompute(service))
    rows = call_until_answered(service, "/v1/multipliers?limit=1000")["items"]

    assert jobs[-1]["state"] == "done", jobs
    assert sum(row["pitches"] for row in rows) == 60


def test_sigterm_ends_the_service_cleanly_and_its_redis_with_it(service: Service) -> None:
    service.process.terminate()

    assert service.process.wait(100) == 0
    assert service.call("/health/live")[0] == 0
    assert not holds_a_server(service.data_dir)


def descendants(process: int) -> list[int]:
    found = children(process)
    return found + [deeper for child in found for deeper in descendants(child)]


def wait_until_ended(processes: list[int]) -> None:
    """Wait until none of the processes exists."""
    wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in processes))


def imports_libraries(process: int) -> bool:
    """Return whether a process imports numpy or has done so: then it is past the start of Python itself."""
    return "/numpy/" in Path(f"/proc/{process}/maps").read_text()


class Caller(threading.Thread):
    """A client that posts on a connection that it keeps until the service closes it; it sends nothing twice."""

    def __init__(self, service: Service) -> None:
        super().__init__(daemon=True)
        self._service = service
        self.answers: list[int] = []
        self.cut: list[str] = []
        self.is_going_on = True

    def run(self) -> None:
        """Post until told otherwise; where nobody listens, try again."""
        body = orjson.dumps({"events": [event(1)]})
        while self.is_going_on:
            connection = HTTPConnection("127.0.0.1", self._service.port, timeout=30)
            try:
                connection.connect()
            except OSError:
                time.sleep(0.02)
                continue
            try:
                while connection.sock is not None and self.is_going_on:
                    connection.request("POST", "/v1/feedback", body, {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                    answer.read()
                    self.answers.append(answer.status)
            except (OSError, HTTPException) as error:
                self.cut.append(repr(error))
            finally:
                connection.close()


@contextmanager
def load_on(service: Service, clients: int = 6) -> Iterator[list[Caller]]:
    """Call the service all the time; the block begins when all clients have been answered."""
    callers = [Caller(service) for _ in range(clients)]
    for caller in callers:
        caller.start()
    while not all(caller.answers for caller in callers):
        time.sleep(0.01)
    yield callers
    for caller in callers:
        caller.is_going_on = False
    for caller in callers:
        caller.join(60)


def test_stopped_under_load_it_answers_all_that_was_sent_and_kills_no_worker(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as output:
        service = Service(tmp_path / "var", output)
        with load_on(service) as callers, closing(HTTPConnection("127.0.0.1", service.port)) as silent:
            silent.connect()  # and sends nothing
            service.process.terminate()
            code = service.process.wait(100)

    assert code == 0
    assert {status for caller in callers for status in caller.answers} == {200}
    assert [cut for caller in callers for cut in caller.cut] == []
    assert "process_killed" not in log.read_text()


def test_stopped_while_its_workers_start_it_ends(tmp_path: Path) -> None:
    service = Service(tmp_path / "var", subprocess.PIPE, wait=False)
    assert service.process.stderr is not None
    with service.process.stderr as said:
        assert said.readline().startswith(b"serving on")
        time.sleep(0.2)
        service.process.terminate()

        assert service.process.wait(100) == 0
        assert said.read() == b""


def test_killed_under_load_it_leaves_a_free_port(service: Service) -> None:
    with load_on(service):
        started = descendants(service.process.pid)
        service.process.kill()
        service.process.wait()
        wait_until_ended(started)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", service.port))


def test_two_workers_serve_where_there_are_two_cores(shared_service: Service) -> None:
    [server] = children(shared_service.process.pid)
    wanted = min(2, len(os.sched_getaffinity(0)))

    wait_until(lambda: len(children(server)) >= wanted)


@pytest.mark.parametrize("wait_for", ["imports", "Redis", "a worker"])
def test_ctrl_c_during_the_start_is_one_line_and_exit_code_130(tmp_path: Path, wait_for: str) -> None:
    service = Service(tmp_path / "var", subprocess.PIPE, wait=False)
    begun: dict[str, Callable[[], bool]] = {
        "imports": lambda: imports_libraries(service.process.pid),
        "Redis": EmbeddedServer(service.data_dir).socket.exists,
        "a worker": lambda: len(descendants(service.process.pid)) > 1,
    }
    wait_until(begun[wait_for], 100)
    os.killpg(service.process.pid, signal.SIGINT)
    said = service.process.communicate(timeout=100)[1].decode().splitlines()

    if said != [f"serving on http://127.0.0.1:{service.port}"]:  # then it has started, and Ctrl-C stops it with 0
        assert service.process.returncode == 130
        assert said[-1] == "interrupted"
        assert "Traceback" not in "".join(said)
    assert not holds_a_server(service.data_dir)


def test_a_killed_service_takes_its_server_its_workers_and_its_redis_with_it(service: Service) -> None:
    with connect(EmbeddedServer(service.data_dir).url) as client:
        redis = client.info("server")["process_id"]
    started = descendants(service.process.pid)
    accepted = service.call("/v1/feedback", {"events": [event(1)]})
    service.process.kill()
    service.process.wait()

    wait_until_ended([*started, redis])

    assert len(started) >= 2
    assert service.call("/health/live")[0] == 0
    assert not holds_a_server(service.data_dir)
    service.start()
    assert accepted[0] == 200
    assert service.call("/v1/feedback", {"events": [event(1)]})[1]["results"][0]["status"] == "duplicate"


def test_workers_end_when_server_and_service_are_killed_together(service: Service) -> None:
    started = descendants(service.process.pid)
    for process in [service.process.pid, *children(service.process.pid)]:
        os.kill(process, signal.SIGKILL)

    wait_until_ended(started)


def test_a_killed_job_leaves_the_redis_that_the_service_uses(service: Service) -> None:
    command = [sys.executable, "-m", "jobs", "scheduler"]
    with connect(EmbeddedServer(service.data_dir).url) as client:
        redis = client.info("server")["process_id"]
        with subprocess.Popen(command, env=service.environ, cwd=ROOT) as job:
            wait_until(lambda: int(client.info("clients")["connected_clients"]) >= 4)
            job.kill()
        time.sleep(1)

        assert client.info("server")["process_id"] == redis
    assert service.call("/health/ready")[0] == 200


def test_a_scheduler_that_was_started_to_end_with_its_parent_does(tmp_path: Path) -> None:
    environ = {"DOG_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "jobs", "scheduler", "--end-with-parent"]
    with subprocess.Popen(command, env=environ, cwd=ROOT, stdin=subprocess.PIPE) as scheduler:
        server = EmbeddedServer(tmp_path)
        wait_until(server.socket.exists, 100)
        assert scheduler.stdin is not None
        scheduler.stdin.close()  # as the kernel does when the parent ends

        assert scheduler.wait(100) == 0
    assert not server.socket.exists()


def test_without_authentication_a_new_user_needs_no_key_and_no_tenant(shared_service: Service) -> None:
    listed = shared_service.call("/v1/multipliers")
    loaded = shared_service.call("/v1/products", [{"product_id": "p1", "name": "Product 1"}])
    recorded = shared_service.call("/v1/feedback", {"events": [event(1)]})

    assert listed[0] == 200
    assert listed[1]["items"] == []
    assert loaded[0] == 200
    assert loaded[1]["accepted"] == 1
    assert recorded[1]["results"][0]["status"] == "accepted"
    assert shared_service.call("/v1/policies/recommended")[0] == 200


def test_addresses_are_decoded_once_and_bodies_may_come_in_chunks(shared_service: Service) -> None:
    asked = HTTPConnection("127.0.0.1", shared_service.port, timeout=60)
    asked.request("GET", "/v1/decisions/a%2Fb%20%C3%A9%252F")
    found = orjson.loads(asked.getresponse().read())
    chunks = iter([b'{"contact_', b'id": "nobody"}'])
    asked.request("POST", "/v1/recommendations", chunks, {"Content-Type": "application/json"}, encode_chunked=True)
    listed = orjson.loads(asked.getresponse().read())
    asked.close()

    assert found["detail"].startswith("decision 'a/b é%2F' is not kept")
    assert listed["code"] == "unknown_contact"


def test_a_worker_starts_without_the_packages_that_only_pages_and_training_need(tmp_path: Path) -> None:
    unwanted = {"authlib", "babel", "flask_swagger_ui", "granian", "matplotlib", "pandas", "pyarrow", "sklearn"}
    unwanted |= {"sqlglot", "scipy.linalg", "scipy.optimize", "scipy.special"}  # numba asks scipy for its version
    code = "import wsgi, sys; print(wsgi.runtime.redis.ping(), *sys.modules); wsgi.runtime.close()"
    own = {"DOG_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    started = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=own, check=True, capture_output=True, text=True
    )

    pinged, *modules = started.stdout.split()

    assert pinged == "True"
    assert "numpy" in modules
    assert not unwanted.intersection(modules)
