"""Tasks in this process, and which runner a command gets."""

from dataclasses import replace

import pytest

from dog.errors import StoreError
from dog.services.dask_runner import DaskRunner
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


def test_dask_is_used_where_a_setting_or_an_option_names_a_scheduler(
    runtime: Runtime, redis_server: EmbeddedServer
) -> None:
    runtime.server, runtime.settings = redis_server, replace(runtime.settings, dask="tcp://127.0.0.1:8786")
    with open_runner(runtime) as by_setting, open_runner(runtime, processes=2) as by_processes:
        assert isinstance(by_setting, DaskRunner)
        assert isinstance(by_processes, PoolRunner)
    runtime.settings = replace(runtime.settings, dask=None)
    with open_runner(runtime, dask="tcp://127.0.0.1:8786") as by_option:
        assert isinstance(by_option, DaskRunner)
    runtime.server = None
