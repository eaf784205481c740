"""Tasks on a real Dask cluster of this machine, whose workers are killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dask import config as dask_config
from distributed.security import Security

from dog.config import Settings
from dog.errors import InvalidInput, InvalidSettings, NotReady, StoreError, WorkerLost
from dog.services.dask_runner import DaskRunner, connect_to_dask
from dog.services.runner_tasks import WorkerSetup
from dog.services.runtime import Runtime
from dog.storage.durability import Durability
from dog.storage.embedded import EmbeddedServer
from tests.services.tasks import die_if_named, die_once, process_of, refuse, squared


@pytest.fixture
def redis_url(redis_server: EmbeddedServer) -> str:
    return redis_server.url


@pytest.fixture
def dask(runtime: Runtime, redis_server: EmbeddedServer, dask_address: str) -> Iterator[DaskRunner]:
    runtime.server = redis_server
    with DaskRunner(WorkerSetup.of(runtime), dask_address) as runner:
        runtime.server = None
        yield runner


def test_results_come_in_the_order_of_the_parts(dask: DaskRunner) -> None:
    assert dask.workers == 2
    assert list(dask.map(squared, range(80), 5)) == [part**2 + 5 for part in range(80)]


def test_a_part_whose_worker_is_killed_is_run_again(dask: DaskRunner) -> None:
    assert list(dask.map(die_once, range(8))) == list(range(8))


def test_parts_that_were_kept_run_where_they_ran_before(dask: DaskRunner) -> None:
    first = list(dask.map(process_of, range(12), keep=True))

    assert list(dask.map(process_of, range(12))) == first


def test_kept_parts_of_a_killed_worker_run_elsewhere(dask: DaskRunner, runtime: Runtime) -> None:
    runtime.redis.sadd("dog:{fatal}", 5)
    list(dask.map(process_of, range(12), keep=True))

    assert list(dask.map(die_if_named, range(12), keep=True)) == list(range(12))
    assert list(dask.map(squared, range(12), 0)) == [part**2 for part in range(12)]


def test_what_a_task_raises_the_leader_raises(dask: DaskRunner) -> None:
    with pytest.raises(InvalidInput, match="part 0 is refused") as caught:
        list(dask.map(refuse, range(3)))

    assert caught.value.code == "refused_part"


def test_what_the_edge_raises_cancels_what_has_not_begun(dask: DaskRunner) -> None:
    def stop(share: float) -> None:
        if share > 0.05:
            raise StoreError("stopped")

    with pytest.raises(StoreError, match="stopped"):
        list(dask.map(squared, range(100), 0, edge=stop))


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dog.services.dask_runner.SCHEDULER_SECONDS", 1.0)
    setup = WorkerSetup(redis_url="unix:///none", settings=None, durability=None)  # type: ignore[arg-type]  # unused

    with pytest.raises(WorkerLost, match=r"scheduler tcp://127.0\.0\.1:9 cannot be reached"):
        list(DaskRunner(setup, "tcp://127.0.0.1:9").map(squared, [1], 0))


@pytest.fixture
def certificates(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Make a certificate that signs itself; Dask's configuration with it, which this process has, too."""
    made, named = Security.temporary(), "distributed.comm.tls"  # type: ignore[no-untyped-call]
    certificate, key = tmp_path / "node.pem", tmp_path / "node.key"
    certificate.write_text(made.tls_ca_file)
    key.write_text(made.tls_client_key)
    paths = {f"{named}.ca-file": str(certificate)}
    for role in ("scheduler", "worker", "client"):
        paths |= {f"{named}.{role}.cert": str(certificate), f"{named}.{role}.key": str(key)}
    with dask_config.set(paths):
        yield {f"DASK_{name.replace('.', '__').replace('-', '_').upper()}": path for name, path in paths.items()}


def test_processes_speak_tls_with_certificates_of_dasks_configuration(
    certificates: dict[str, str], redis_server: EmbeddedServer, tmp_path: Path
) -> None:
    place, module = tmp_path / "scheduler.json", [sys.executable, "-m", "distributed.cli.dask_"]
    environ = {**os.environ, **certificates}
    options = [
        ["scheduler", "--protocol", "tls", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
        ["worker", "--nthreads", "1", "--no-dashboard", "--local-directory", str(tmp_path)],
    ]
    running = [
        subprocess.Popen(
            [*module[:2], module[2] + role, *more, "--scheduler-file", str(place)],
            env=environ,
            stderr=subprocess.DEVNULL,
        )
        for role, *more in options
    ]
    try:
        while not place.exists() or not place.read_text().endswith("}"):
            time.sleep(0.05)
        address = json.loads(place.read_text())["address"]
        setup = WorkerSetup(redis_url=redis_server.url, settings=Settings(), durability=Durability("strict"))
        with DaskRunner(setup, address) as runner:
            assert address.startswith("tls://")
            assert list(runner.map(squared, range(4), 0)) == [0, 1, 4, 9]
        with dask_config.set({"distributed.comm.tls.ca-file": None}), pytest.raises(InvalidSettings):
            connect_to_dask(address)
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            process.wait()


def test_without_dask_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(NotReady, match=r"install it: pip install .*requirements-dask\.txt"):
        connect_to_dask("tcp://127.0.0.1:8786")
