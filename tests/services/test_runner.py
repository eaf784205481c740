"""Tasks in this process, and which runner a command gets."""

import pytest

from dog.errors import StoreError
from dog.services.pool_runner import PoolRunner
from dog.services.runner import LocalRunner, open_runner
from dog.services.runtime import Runtime
from dog.storage.embedded import EmbeddedServer
from tests.services.tasks import squared


def same_runtime(runtime: Runtime, part: int) -> Runtime:  # the shape of a task
    return runtime


def test_tasks_in_this_process_have_the_runtime_of_the_caller(runtime: Runtime) -> None:
    assert list(LocalRunner(runtime).map(same_runtime, [1, 2])) == [runtime, runtime]


def test_the_edge_is_told_the_share_done_and_may_end_the_map(runtime: Runtime) -> None:
    shares: list[float] = []

    def stop(share: float) -> None:
        shares.append(share)
        if share == 0.5:
            raise StoreError("stopped")

    with pytest.raises(StoreError, match="stopped"):
        list(LocalRunner(runtime).map(squared, range(4), 0, edge=stop))

    assert shares == [0.25, 0.5]


def test_results_are_made_as_they_are_taken(runtime: Runtime) -> None:
    shares: list[float] = []
    results = LocalRunner(runtime).map(squared, range(4), 0, edge=shares.append)

    assert next(results) == 0
    assert shares == [0.25]


def test_a_runtime_whose_redis_no_other_process_reaches_works_alone(runtime: Runtime) -> None:
    with open_runner(runtime, processes=3) as runner:
        assert isinstance(runner, LocalRunner)


def test_several_processes_are_a_pool(runtime: Runtime, redis_server: EmbeddedServer) -> None:
    runtime.server = redis_server
    with open_runner(runtime, processes=2) as runner:
        assert isinstance(runner, PoolRunner)
        assert runner.workers == 2
    runtime.server = None
