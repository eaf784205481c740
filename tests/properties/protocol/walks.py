"""Walk through the protocol: a server of its own, and a number of examples from a seed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from dog.bootstrap import create_runtime
from dog.config import read_settings
from dog.services.runtime import Runtime
from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from tests.conftest import Clock
from tests.properties.protocol.crash import load_scripts
from tests.properties.protocol.machine import ProtocolMachine
from tests.properties.protocol.model import ARCHIVE_AFTER_WEEKS


@contextmanager
def own_server() -> Iterator[Runtime]:
    """Run a service around a server in a fresh folder, without any policy file."""
    with TemporaryDirectory(prefix="dog-protocol-") as name:
        folder = Path(name)
        server = EmbeddedServer(folder / "server", "everysec")
        server.start()
        try:
            with connect(server.url, timeout_seconds=30) as redis:
                (folder / "rules").mkdir()
                settings = {"DOG_POLICY_DIR": str(folder / "rules"), "DOG_DATA_DIR": name}
                settings["DOG_ARCHIVE_AFTER_WEEKS"] = str(ARCHIVE_AFTER_WEEKS)
                load_scripts(redis)
                yield create_runtime(read_settings(settings), redis, Clock(), server=server)
        finally:
            server.stop()


def walk(runtime: Runtime, *, examples: int, steps: int, from_seed: int, shrink: bool = False) -> None:
    """Try examples of some steps each; the same seed tries the same. A failure prints its steps as code."""
    clock = Clock()

    class Walk(ProtocolMachine):
        def __init__(self) -> None:
            runtime.redis.flushall()
            super().__init__(runtime, clock)

    run_state_machine_as_test(
        seed(from_seed)(Walk),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        ),
    )
