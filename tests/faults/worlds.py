"""Real processes to break: the service and the jobs, each world with a data folder and a port of its own."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import orjson

from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer

ROOT = Path(__file__).parent.parent.parent
REFUSED, CUT = 0, -1
"""What stands in for a status: nobody listens; the connection broke after the request was sent."""


class World:
    """A data folder and an environment, in which service and jobs can be started."""

    def __init__(self, data_dir: Path, **environ: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOG_")}
        own = {"DOG_DATA_DIR": str(data_dir), "DOG_BIND": f"127.0.0.1:{self.port}", "DOG_AUTH": "off"}
        self.environ = {**kept, **own, "DOG_LOG_LEVEL": "error", **environ}
        self.data_dir = data_dir
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start `python -m COMMAND` in a process group of its own."""
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env=self.environ, cwd=ROOT, start_new_session=True, **options
        )
        self.processes.append(process)
        return process

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the service and wait until it is ready."""
        made = self.start("dog", "keys", "create", stdout=subprocess.DEVNULL)
        assert made.wait(60) == 0
        return self.serve_again()

    def serve_again(self) -> subprocess.Popen[bytes]:
        """Start the service on a folder that has a key, and wait until it is ready."""
        process = self.start("dog", "serve")
        self.until_ready()
        return process

    def call(self, path: str, body: Any = None, seconds: float = 10) -> tuple[int, Any]:
        """Call the API; the status is `REFUSED` or `CUT` where there is no answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            try:
                connection.connect()
            except OSError:
                return REFUSED, None
            headers = {"Content-Type": "application/json", "Connection": "close"}
            data = None if body is None else orjson.dumps(body)
            connection.request("GET" if body is None else "POST", path, data, headers)
            answer = connection.getresponse()
            read = answer.read()
            is_json = "json" in answer.getheader("Content-Type", "")
            return answer.status, orjson.loads(read) if is_json else read.decode() or None
        except (OSError, HTTPException):
            return CUT, None
        finally:
            connection.close()

    def until_ready(self, seconds: float = 60) -> None:
        """Wait until requests can be served."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.call("/health/ready")[0] == 200:
                return
            time.sleep(0.05)
        raise AssertionError(f"the service is not ready after {seconds} s")

    def read_all(self, path: str) -> list[Any]:
        """Read a list to its last page."""
        items: list[Any] = []
        cursor = ""
        while True:
            status, page = self.call(f"{path}?limit=1000{cursor}")
            assert status == 200, page
            items += page["items"]
            if not page.get("next_cursor"):
                return items
            cursor = f"&cursor={quote(page['next_cursor'])}"

    def redis(self, seconds: float = 30) -> Redis:
        """Connect to the world's server."""
        return connect(self.redis_url, timeout_seconds=seconds)

    @property
    def redis_url(self) -> str:
        """Where the world's server listens."""
        return EmbeddedServer(self.data_dir).url

    def kill_redis(self) -> None:
        """Kill the server as `kill -9` does."""
        with self.redis() as client:
            os.kill(client.info("server")["process_id"], signal.SIGKILL)

    def close(self) -> None:
        """End everything that was started here."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.processes:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        server = EmbeddedServer(self.data_dir)
        if server.folder.exists():  # wait until it has ended, even if its users were killed
            server.start()
            server.stop()


@contextmanager
def world(**environ: str) -> Iterator[World]:
    """Make a world for one run and end it."""
    with TemporaryDirectory(prefix="dog-faults-") as folder:
        made = World(Path(folder) / "var", **environ)
        try:
            yield made
        finally:
            made.close()


def some_event(chance: random.Random, event_id: str, contacts: int = 200, products: int = 8) -> Mapping[str, Any]:
    """Draw an event of four weeks that ended a week ago or more: the processes' clock is the real one."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    at = today - timedelta(days=today.weekday() + 35) + timedelta(seconds=chance.randrange(28 * 86_400))
    return {
        "event_id": event_id,
        "type": chance.choice(["pitch", "pitch", "win", "loss", "accept", "discard"]),
        "contact_id": f"c{chance.randrange(contacts)}",
        "product_id": f"p{chance.randrange(products)}",
        "occurred_at": at.isoformat(),
    }


def recompute(world: World) -> None:
    """Publish every due week, through the API, and wait for it."""
    status, started = world.call("/v1/jobs/recompute", {})
    assert status == 202, started
    for _ in range(6000):
        status, job = world.call(f"/v1/jobs/{started['job_id']}")
        if status == 200 and job["state"] in ("done", "failed"):
            assert job["state"] == "done", job
            return
        time.sleep(0.1)
    raise AssertionError("the recompute does not end")
