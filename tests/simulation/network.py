"""The network between the product and a real server: each exchange is delivered, delayed, cut, lost or refused.

The seam is the socket of redis-py's connection, which both the product's round trips and redis-py itself use. One real
connection leads to one real server, so the server executes commands in the order in which the scheduler lets them go.
"""

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from hiredis import Reader, pack_command
from redis.connection import UnixDomainSocketConnection

from dog.storage import round_trip
from dog.storage.connection import Redis, connect
from tests.simulation.faults import Fate, Faults, Refusal
from tests.simulation.scheduler import Process, Scheduler

Command = list[bytes]
Observer = Callable[[str, Command, Any], None]
"""Called with the name of a script, its command and its answer."""
END = b"end-of-the-answers"
HANDSHAKE = {b"HELLO", b"CLIENT"}
SCRIPTS = Path(round_trip.__file__).parent / "scripts"


@cache
def script_names(_sha: object) -> dict[bytes, str]:
    """Return the names of the product's scripts by their hashes, which `_sha` makes."""
    return {round_trip._sha(path.stem).encode(): path.stem for path in SCRIPTS.glob("*.lua")}


def name_of(command: Command) -> str:
    """Return the name of a command, or of the script it runs."""
    name = command[0].upper()
    return script_names(round_trip._sha)[command[1]] if name == b"EVALSHA" else name.decode()


def describe(commands: Sequence[Command]) -> str:
    """Name commands, each kind once."""
    counts = [(name, len(list(same))) for name, same in groupby(sorted(map(name_of, commands)))]
    return ", ".join(name if count == 1 else f"{count} {name}" for name, count in counts)


class Server:
    """The real server, over one connection."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)
        self.execute([[b"HELLO", b"3"]])

    def execute(self, commands: Sequence[Command]) -> bytes:
        """Execute commands; return the bytes of their answers."""
        mark = b"$%d\r\n%b\r\n" % (len(END), END)
        pack: Callable[..., bytes] = pack_command  # its stub knows one word only
        self._socket.sendall(b"".join([pack(tuple(command)) for command in [*commands, [b"ECHO", END]]]))
        found = bytearray()
        while not found.endswith(mark):
            found += self._socket.recv(1 << 20)
        return bytes(found[: -len(mark)])

    def ask(self, *command: bytes) -> Any:
        """Execute one command; return its answer."""
        return next(read_answers(self.execute([list(command)])))

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def read_answers(data: bytes) -> Iterator[Any]:
    """Yield the answers in some bytes."""
    reader = Reader()
    reader.feed(data)
    while (answer := reader.gets()) is not False:
        yield answer


class Network:
    """Carries requests to the server, as the seed decides."""

    def __init__(self, scheduler: Scheduler, server: Server, faults: Faults) -> None:
        self.scheduler, self.server, self.faults = scheduler, server, faults
        self.observers: list[Observer] = []
        self.sockets: list[SimulatedSocket] = []
        self.silent = os.eventfd(0)
        self._leases: dict[bytes, float] = {}

    def connect(self, process: Process, timeout_seconds: float) -> Redis:
        """Return a client whose sockets are simulated."""
        client = connect("unix:///simulated", timeout_seconds=timeout_seconds)
        client.connection_pool.connection_class = SimulatedConnection
        own = {"network": self, "process": process, "driver_info": None}
        client.connection_pool.connection_kwargs |= own  # looking up the version takes milliseconds
        return client

    def restart_server(self) -> None:
        """Restart the server: connections and loaded scripts are gone, the data are not."""
        self.scheduler.note("the server restarts")
        self.server.execute([[b"SCRIPT", b"FLUSH"]])
        for one in self.sockets:
            one.is_broken = True
        self.sockets.clear()

    def exchange(self, process: Process, commands: Sequence[Command], timeout_seconds: float) -> bytes:
        """Carry a request to the server and its answer back; raise as a socket does."""
        scheduler, says = self.scheduler, describe(commands)
        scheduler.pause()
        fate = self.faults.fate_of()
        scheduler.note(f"{scheduler.current.name if scheduler.current else ''}: {says}: {fate}")
        if fate is Fate.LATE:
            late = self.faults.delay_seconds()
            scheduler.spawn("late request", lambda: self._deliver_late(commands, late))
        if fate is Fate.CUT:
            self._execute(commands[: self.faults.chance.randrange(len(commands) + 1)])
            raise ConnectionResetError("cut by the simulation")
        answers = b"" if fate in (Fate.LOST, Fate.LATE) else self._execute_in_parts(commands)
        if fate in (Fate.LOST, Fate.LATE, Fate.NO_ANSWER):
            scheduler.pause(seconds=timeout_seconds)
            raise TimeoutError("lost by the simulation")
        scheduler.pause(seconds=self.faults.slowness(timeout_seconds) if fate is Fate.SLOW else None)
        if fate is Fate.CRASH:
            self.faults.condemned.append(process)
            scheduler.pause()
        return answers

    def _deliver_late(self, commands: Sequence[Command], seconds: float) -> None:
        self.scheduler.pause(seconds=seconds)
        self.scheduler.note(f"late: {describe(commands)}")
        self._execute_in_parts(commands)

    def _execute_in_parts(self, commands: Sequence[Command]) -> bytes:
        """Execute commands; between two of them others may be executed."""
        answers, rest = b"", commands
        while (part := self.faults.part_of(len(rest))) < len(rest):
            answers += self._execute(rest[:part])
            rest = rest[part:]
            self.scheduler.pause()
        return answers + self._execute(rest)

    def _execute(self, commands: Sequence[Command]) -> bytes:
        self._end_leases()
        refusal = self.faults.refusal
        answers = self.server.execute(commands) if refusal is None else refuse(self.server, commands, refusal)
        if any(command[0] == b"EVALSHA" for command in commands):
            for command, answer in zip(commands, read_answers(answers), strict=True):
                if command[0] == b"EVALSHA" and not isinstance(answer, Exception):
                    self._observe(name_of(command), command, answer)
        return answers

    def _observe(self, script: str, command: Command, answer: Any) -> None:
        if script in ("take_lease", "renew_lease") and answer:
            self._leases[command[3]] = self.scheduler.now_ms + int(command[-1])
        for observer in self.observers:
            observer(script, command, answer)

    def _end_leases(self) -> None:
        """Let leases end by the simulated time: the server's own clock hardly moves."""
        for key in [key for key, ends_ms in self._leases.items() if ends_ms <= self.scheduler.now_ms]:
            del self._leases[key]
            self.server.execute([[b"DEL", key]])


def refuse(server: Server, commands: Sequence[Command], refusal: Refusal) -> bytes:
    """Execute commands on a server that refuses some.

    The server itself decides which: those that need memory where it is full, and those that write where too few
    replicas listen, which it checks where it checks for a full disk and for being a replica.
    """
    if refusal is Refusal.LOADING:
        return b"-LOADING Valkey is loading the dataset in memory\r\n" * len(commands)
    setting, on, off = (b"maxmemory", b"1", b"0") if refusal is Refusal.FULL else (b"min-replicas-to-write", b"1", b"0")
    server.execute([[b"CONFIG", b"SET", setting, on]])
    answers = server.execute(commands)
    server.execute([[b"CONFIG", b"SET", setting, off]])
    return answers.replace(b"NOREPLICAS Not enough good replicas to write.", refusal.value)


class SimulatedConnection(UnixDomainSocketConnection):
    """A connection of redis-py whose socket is simulated."""

    def __init__(self, *, network: Network, process: Process, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]  # redis-py
        self._network, self._process = network, process

    def _connect(self) -> "SimulatedSocket":
        if self._network.faults.is_away:
            raise ConnectionRefusedError("the server is away")
        made = SimulatedSocket(self._network, self._process, self.socket_timeout or 0)
        self._network.sockets.append(made)
        return made


class SimulatedSocket:
    """What redis-py and the product do with a socket."""

    def __init__(self, network: Network, process: Process, timeout_seconds: float) -> None:
        self._network, self._process, self._timeout_seconds = network, process, timeout_seconds
        self._requests, self._answers = Reader(), b""
        self.is_broken = False

    def sendall(self, data: bytes) -> None:
        """Keep a request until its answer is wanted."""
        self._requests.feed(data)

    def recv(self, _size: int, _flags: int = 0) -> bytes:
        """Send what was kept; return all answers."""
        commands = list(iter(self._requests.gets, False))
        if commands and all(command[0] in HANDSHAKE for command in commands):
            return self._network.server.execute(commands)
        if self.is_broken or self._network.faults.is_away:
            raise ConnectionResetError("the server has gone away")
        return self._network.exchange(self._process, commands, self._timeout_seconds)

    def recv_into(self, buffer: bytearray) -> int:
        """Send what was kept; write the answers into a buffer."""
        data = self._answers or self.recv(0)
        part, self._answers = data[: len(buffer)], data[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def fileno(self) -> int:
        """Return a file in which nothing ever waits to be read."""
        return self._network.silent

    def settimeout(self, seconds: float | None) -> None:
        """Set the longest time for an answer."""
        self._timeout_seconds = self._timeout_seconds if seconds is None else seconds

    def shutdown(self, _how: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
