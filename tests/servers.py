"""Servers as operators run them: on TCP, as cluster, with replicas and sentinels; gone when the test is over."""

import fcntl
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import exceptions

from dog.storage.connection import Redis, connect
from dog.storage.server_binary import find_binary

SLOTS = 16_384
LOST = (exceptions.RedisError, exceptions.RedisClusterException)


def free_port() -> int:
    """Find a port that nobody listens on, nor on the one 10,000 above, which a node of a cluster takes, too."""
    while True:
        with socket.socket() as probe, socket.socket() as above, suppress(OSError, OverflowError):
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            above.bind(("127.0.0.1", port + 10_000))
            return port


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something to come about; fail if it does not, after much longer than a loaded machine takes."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.02)


@dataclass
class Server:
    """One server process on a port of its own."""

    folder: Path
    arguments: tuple[str, ...]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, on the same port and folder each time, and wait until it answers."""
        self.folder.mkdir(exist_ok=True)
        command = [str(find_binary()), *self.arguments, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log)
        wait_until(self.answers)

    def answers(self) -> bool:
        """Tell whether somebody is there, be it to refuse us."""
        with connect(self.url) as client:
            try:
                return bool(client.ping())
            except exceptions.AuthenticationError:
                return True
            except LOST:
                return False

    def connect(self) -> Redis:
        """Connect to it, with time to spare."""
        return connect(self.url, timeout_seconds=5)

    def send(self, number: signal.Signals) -> None:
        """Send a signal: SIGSTOP to hang it, SIGCONT to let it continue."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Server]:
    """Run a server while the block lasts."""
    server = Server(folder, arguments)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@contextmanager
def running_cluster(folder: Path, nodes: int = 3, fsync: str = "everysec", *options: str) -> Iterator[list[Server]]:
    """Run a cluster of primaries that share the slots out."""
    all_options = ("--cluster-enabled", "yes", "--appendonly", "yes", "--appendfsync", fsync, *options)
    with ExitStack() as stack:
        servers = [stack.enter_context(running(folder / str(number), *all_options)) for number in range(nodes)]
        bounds = [SLOTS * number // nodes for number in range(nodes + 1)]
        for server, first, end in zip(servers, bounds, bounds[1:], strict=False):
            with server.connect() as client:
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
                for other in servers:
                    client.execute_command("CLUSTER", "MEET", "127.0.0.1", other.port)
        wait_until(lambda: all(_knows(server, nodes) for server in servers), 30)
        yield servers


@contextmanager
def running_cluster_with_replicas(folder: Path, *options: str) -> Iterator[tuple[list[Server], list[Server]]]:
    """Run a strict cluster of three primaries with a replica each, in their order, in step with them."""
    own = ("--repl-diskless-sync-delay", "0", "--cluster-replica-validity-factor", "0", *options)
    with running_cluster(folder, 3, "always", *own) as primaries, ExitStack() as stack:
        strict = (*primaries[0].arguments,)
        replicas = [stack.enter_context(running(folder / f"replica{n}", *strict)) for n in range(3)]
        for replica, primary in zip(replicas, primaries, strict=True):
            with replica.connect() as client:
                client.execute_command("CLUSTER", "MEET", "127.0.0.1", primary.port)
        wait_until(lambda: all(_knows(server, 6) for server in (*primaries, *replicas)), 30)
        for replica, primary in zip(replicas, primaries, strict=True):
            with replica.connect() as client, primary.connect() as leader:
                client.execute_command("CLUSTER", "REPLICATE", leader.execute_command("CLUSTER", "MYID"))
        for primary in primaries:
            with primary.connect() as leader:
                wait_until(lambda: int(leader.info("replication")["connected_slaves"]) == 1, 30)  # called here
        wait_until(lambda: all(map(_is_in_step, replicas)), 30)
        yield primaries, replicas


def _is_in_step(replica: Server) -> bool:
    with replica.connect() as client:
        return client.info("replication").get("master_link_status") == "up"


def is_primary(server: Server) -> bool:
    """Return whether a node takes writes now; False where it does not answer."""
    with server.connect() as client, suppress(*LOST):
        return client.info("replication")["role"] == "master"
    return False


def cluster_url(servers: Sequence[Server]) -> str:
    """Name every node."""
    return "redis+cluster://" + ",".join(f"127.0.0.1:{server.port}" for server in servers)


@contextmanager
def running_pair(folder: Path, *arguments: str) -> Iterator[tuple[Server, Server]]:
    """Run a primary and its replica, both strict, in step with each other."""
    options = ("--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0", *arguments)
    with running(folder / "primary", *options) as primary, running(folder / "replica", *options) as replica:
        follow(replica, primary)
        yield primary, replica


def follow(replica: Server, primary: Server) -> None:
    """Make one server the replica of another, and wait until it is in step."""
    with replica.connect() as client, primary.connect() as leader:
        client.replicaof("127.0.0.1", primary.port)
        wait_until(lambda: client.info("replication").get("master_link_status") == "up")
        wait_until(lambda: int(leader.info("replication").get("min_slaves_good_slaves", 1)) >= 1)


def _knows(server: Server, nodes: int) -> bool:
    with server.connect() as client, suppress(*LOST):
        state: Any = client.execute_command("CLUSTER INFO")
        return state["cluster_state"] == "ok" and int(state["cluster_known_nodes"]) == nodes
    return False


def holds_a_server(data_dir: Path) -> bool:
    """Return whether the embedded server of a data folder runs."""
    path = data_dir / "redis/server.lock"
    if not path.exists():
        return False
    with path.open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def running_s3(folder: Path) -> Iterator[int]:
    """Run an S3 server (moto) on a port of its own; yield the port."""
    port = free_port()
    with (folder / "s3.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-p", str(port), "-H", "127.0.0.1"], stdout=log, stderr=log
        )
    try:
        wait_until(lambda: _listens(port), 60)
        yield port
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
