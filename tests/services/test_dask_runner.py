"""Tasks on a real Dask cluster of this machine, whose workers are killed."""

from collections.abc import Iterator

import pytest

from dog.errors import InvalidInput, StoreError, WorkerLost
from dog.services.dask_runner import DaskRunner
from dog.services.runner_tasks import WorkerSetup
from dog.services.runtime import Runtime
from dog.storage.embedded import EmbeddedServer
from tests.services.tasks import die_if_named, die_once, process_of, refuse, squared


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
        DaskRunner(setup, "tcp://127.0.0.1:9")
