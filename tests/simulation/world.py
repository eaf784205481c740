"""The processes of a run, the tenant they share, and the parts of the product that a simulation replaces."""

import logging
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from dog.bootstrap import create_runtime
from dog.config import Settings, read_settings
from dog.log import log
from dog.services import background_tasks, job_lease, prefetch
from dog.services import runtime as runtimes
from dog.services.lists import snapshot, stale_contacts
from dog.services.runtime import Runtime
from dog.services.weekly import run_recompute
from dog.storage import audit_log, breaker, ids
from dog.storage.breaker import Breaker, attach_breaker
from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer
from tests.conftest import Clock
from tests.simulation.faults import Faults
from tests.simulation.history import History
from tests.simulation.network import Command, Network, Server
from tests.simulation.scheduler import Process, Scheduler
from tests.simulation.tenant import load_tenant
from tests.simulation.threads import Threading, executor

START = datetime(2026, 11, 16, tzinfo=UTC)
"""Monday of 2026-W47."""
START_MS = round(START.timestamp() * 1000)
REQUEST_SECONDS, JOB_SECONDS = 0.5, 30.0
RESTART_SECONDS = 3.0


class Ground:
    """A real server with a tenant as it is at the start of every run; used for many seeds."""

    def __init__(self, folder: Path) -> None:
        (folder / "policies").mkdir()
        self.folder = folder
        self.embedded = EmbeddedServer(folder, "everysec")
        self.embedded.start()
        self.redis: Redis = connect(self.embedded.url, timeout_seconds=30)
        self.server = Server(str(self.embedded.socket))
        self.server.execute([[b"CONFIG", b"SET", b"appendonly", b"no"]])
        self.server.execute([[b"FLUSHALL"]])
        load_tenant(self.runtime(START_MS, folder))
        keys: list[bytes] = sorted(self.redis.scan_iter("*"))
        self._dumped = [(key, self.server.ask(b"DUMP", key)) for key in keys]

    def runtime(self, now_ms: int, data_dir: Path) -> Runtime:
        """Return a runtime outside the simulation, whose clock stands."""
        runtime = create_runtime(self.settings(data_dir), self.redis, Clock(now_ms))
        runtime.wait = lambda _: None
        return runtime

    def settings(self, data_dir: Path) -> Settings:
        """Return the settings of all processes: archive early, no policy files."""
        given = {"DOG_POLICY_DIR": f"{self.folder}/policies", "DOG_DATA_DIR": str(data_dir)}
        return read_settings({**given, "DOG_ARCHIVE_AFTER_WEEKS": "2"})

    def reset(self) -> None:
        """Bring the tenant back to its start."""
        restore = [[b"RESTORE", key, b"0", dumped] for key, dumped in self._dumped]
        self.server.execute([[b"FLUSHALL"], [b"SCRIPT", b"FLUSH"], *restore])

    def close(self) -> None:
        """Stop the server."""
        self.server.close()
        self.redis.close()
        self.embedded.stop()


@contextmanager
def ground() -> Iterator[Ground]:
    """Run a server for some seeds."""
    with TemporaryDirectory(prefix="dog-simulation-") as folder:
        made = Ground(Path(folder))
        try:
            yield made
        finally:
            made.close()


class Node(Process):
    """A process of the product: its runtime, and a clock that may be wrong."""

    def __init__(self, world: "World", name: str, *, timeout_seconds: float) -> None:
        super().__init__(name)
        self.skew_ms = 0
        self._scheduler = world.scheduler
        redis = world.network.connect(self, timeout_seconds)
        self.runtime = create_runtime(world.settings, redis, self.clock)
        self.runtime.wait = self._wait
        if timeout_seconds <= REQUEST_SECONDS:
            attach_breaker(redis, Breaker(redis.ping, self._wait))

    def clock(self) -> int:
        """Return the time, as this process has it."""
        return round(self._scheduler.now_ms) + self.skew_ms

    def _wait(self, seconds: float) -> None:
        self._scheduler.pause(seconds=seconds)


class World:
    """One run: scheduler, network, processes, history."""

    def __init__(self, on: Ground, seed: int, data_dir: Path, log: Callable[[str], None] | None = None) -> None:
        on.reset()
        self.ground, self.settings, self.history = on, on.settings(data_dir), History()
        self.scheduler, self.faults = Scheduler(seed, START_MS, log), Faults(seed)
        self.faults_text = self.faults.describe()
        self.chance = self.scheduler.chance
        self.network = Network(self.scheduler, on.server, self.faults)
        self.network.observers.append(self._observe)
        self.scheduler.before_step = self._before_step
        self.nodes: dict[str, Node] = {}
        self.residents: dict[str, Callable[[Node], None]] = {}  # what a process does by itself, by its name
        self._started = 0

    def start(self, name: str, resident: Callable[[Node], None] | None = None) -> None:
        """Start a process, and what it does by itself."""
        if resident is not None:
            self.residents[name] = resident
        self._started += 1
        is_job = name.startswith("jobs")
        node = Node(self, f"{name}#{self._started}", timeout_seconds=JOB_SECONDS if is_job else REQUEST_SECONDS)
        self.nodes[name] = node
        if name in self.residents:
            body = self.residents[name]
            self.scheduler.spawn(node.name, lambda: body(node), node, is_background=True)

    def keep_log_line(self, level: int, _name: str, event: str, fields: dict[str, Any]) -> None:
        """Take a line of the log: an error is a bug that the run found."""
        self.scheduler.note(f"log: {event}")
        if level >= logging.ERROR:
            self.history.faults.append(f"the log says {event}: {fields}")

    def _before_step(self) -> None:
        """Let troubles befall the server and the processes."""
        scheduler, now_ms = self.scheduler, self.scheduler.now_ms
        for process in self.faults.condemned:
            if process.alive:
                self._kill(process)
        self.faults.condemned.clear()
        self.faults.befall(
            now_ms,
            {
                "refuse": lambda: scheduler.note(f"the server: {self.faults.refuse_for_a_while(now_ms).name}"),
                "away": self._go_away,
                "restart": self.network.restart_server,
                "kill": lambda: self._kill(self._any_node()),
                "pause": self._pause,
                "clock": self._move_clock,
            },
        )

    def _any_node(self) -> Node:
        return self.faults.chance.choice(list(self.nodes.values()))

    def _kill(self, process: Process) -> None:
        name = process.name.partition("#")[0]
        self.scheduler.kill(process)

        def restart() -> None:
            self.scheduler.pause(seconds=RESTART_SECONDS)
            self.start(name)

        self.scheduler.spawn(f"restart of {name}", restart, is_background=True)

    def _go_away(self) -> None:
        self.faults.go_away_for_a_while(self.scheduler.now_ms)
        self.scheduler.note("the server is away")

    def _pause(self) -> None:
        node, seconds = self._any_node(), self.faults.chance.choice((1, 10, 60))
        node.paused_until_ms = self.scheduler.now_ms + 1000 * seconds
        self.scheduler.note(f"{node.name} is paused for {seconds} s")

    def _move_clock(self) -> None:
        node = self._any_node()
        node.skew_ms = self.faults.chance.choice((-60_000, 60_000, 3_600_000, -3_600_000, 86_400_000, -86_400_000))
        self.scheduler.note(f"the clock of {node.name} is wrong by {node.skew_ms // 1000} s")

    def _observe(self, script: str, command: Command, answer: Any) -> None:
        """Record what is published."""
        if script != "publish_version" or answer not in (1, 2):
            return
        week, version, last = command[9], command[10].decode(), command[14]
        if answer == 1:
            self.history.weeks.append((int(week), self.scheduler.steps))
        if answer == 1 or week == last:
            self.history.flips.append((version, self.scheduler.steps))
            self.scheduler.note(f"active: {version}")


@contextmanager
def simulated(world: "World", seed: int) -> Iterator[None]:
    """Replace threads, time, random ids and the log of the product: all that is replaced is named here."""
    scheduler, chance = world.scheduler, random.Random(f"ids of {seed}")
    threading = Threading(scheduler)

    class Now(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # no subclass is needed
            return datetime.fromtimestamp(scheduler.now_ms / 1000, tz)

    with pytest.MonkeyPatch.context() as patch:
        for module in (background_tasks, job_lease, stale_contacts, breaker):
            patch.setattr(module, "threading", threading)
        patch.setattr(prefetch, "ThreadPoolExecutor", executor(scheduler))
        for module in (runtimes, snapshot):
            patch.setattr(module, "monotonic", lambda: scheduler.now_ms / 1000)
        patch.setattr(audit_log, "datetime", Now)
        patch.setattr(run_recompute, "threadpool_limits", lambda *_: nullcontext())  # it takes 3 ms
        patch.setattr(secrets, "token_bytes", chance.randbytes)
        patch.setattr(secrets, "token_hex", lambda count: chance.randbytes(count).hex())
        patch.setattr(ids._random, "_left", b"")
        patch.setattr(log, "_write", world.keep_log_line)
        yield
