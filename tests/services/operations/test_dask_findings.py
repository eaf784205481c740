"""What `doctor` says of a Dask cluster."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dog.config import Settings
from dog.services.operations.dask_findings import WorkerReport, check_dask, describe_faults, own_versions, report_worker
from dog.services.operations.diagnose import Finding
from dog.services.runner_tasks import WorkerSetup
from dog.services.runtime import Runtime
from dog.storage.connection import Redis, connect
from dog.storage.durability import Durability
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store, Tenant

TENANT = Tenant("default", bytes(32), 64)


@pytest.fixture
def redis(redis_server: EmbeddedServer) -> Iterator[Redis]:
    """Connect to the one server: what is found does not depend on Redis."""
    with connect(redis_server.url, timeout_seconds=5) as client:
        client.flushall()
        yield client


def checked(runtime: Runtime, store: Store, server: EmbeddedServer, address: str | None) -> list[Finding]:
    runtime.settings = replace(runtime.settings, dask=address, redis_url=server.url)
    return list(check_dask(runtime, store))


def test_a_sound_cluster_is_one_line(
    runtime: Runtime, store: Store, redis_server: EmbeddedServer, dask_address: str
) -> None:
    (finding,) = checked(runtime, store, redis_server, dask_address)

    assert finding.ok
    assert finding.says == f"{dask_address}: 2 workers with the versions of this process, and all reach Redis"


def test_without_a_cluster_nothing_is_said(runtime: Runtime, store: Store, redis_server: EmbeddedServer) -> None:
    assert checked(runtime, store, redis_server, None) == []


def test_a_scheduler_that_is_away_is_named(
    runtime: Runtime, store: Store, redis_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dog.services.dask_runner.SCHEDULER_SECONDS", 0.5)
    (finding,) = checked(runtime, store, redis_server, "tcp://127.0.0.1:9")

    assert not finding.ok
    assert "tcp://127.0.0.1:9 cannot be reached" in finding.says


def test_what_differs_on_a_worker_is_named_with_the_way_to_mend_it() -> None:
    report = WorkerReport(versions={**own_versions(), "numpy": "1.0"}, tenant="other", failure="")
    (version, install), (other, fix) = describe_faults(report, TENANT)

    assert version == f"numpy 1.0, here {own_versions()['numpy']}"
    assert install.startswith("install numpy")
    assert (other, fix) == ("reaches another Redis, with another tenant of that name", "fix DOG_REDIS_URL")


def test_a_worker_without_the_code_is_told_from_one_without_redis() -> None:
    setup = WorkerSetup(redis_url="redis://127.0.0.1:9", settings=Settings(), durability=Durability("strict"))
    ((code, _),) = describe_faults(ModuleNotFoundError("No module named 'dog'"), TENANT)
    ((reach, _),) = describe_faults(report_worker(setup, "default"), TENANT)

    assert code.startswith("cannot run the service's code: ModuleNotFoundError")
    assert reach.startswith("does not reach the data: ")
