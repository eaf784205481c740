"""Tasks in processes of this machine: killed ones are replaced, and none is left behind."""

import math
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from dog.bootstrap import create_runtime
from dog.config import read_settings
from dog.errors import InvalidInput, StoreError, WorkerLost
from dog.services.pool_runner import PoolRunner
from dog.services.runner_tasks import WorkerSetup
from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from tests.services.tasks import die, die_once, process_of, refuse, squared


@pytest.fixture
def pool(redis_server: EmbeddedServer, tmp_path: Path) -> Iterator[PoolRunner]:
    settings = read_settings({"DOG_REDIS_URL": redis_server.url, "DOG_DATA_DIR": str(tmp_path)})
    with (
        create_runtime(settings, connect(redis_server.url, timeout_seconds=5)) as runtime,
        PoolRunner(WorkerSetup.of(runtime), 2) as runner,
    ):
        yield runner


def test_results_come_in_the_order_of_the_parts(pool: PoolRunner) -> None:
    assert list(pool.map(squared, range(30), 5)) == [part**2 + 5 for part in range(30)]


def test_a_part_whose_process_is_killed_is_run_again(pool: PoolRunner) -> None:
    with connect(pool._setup.redis_url) as redis:
        redis.flushall()

    assert list(pool.map(die_once, range(8))) == list(range(8))


def test_a_part_that_always_kills_its_process_ends_the_job_with_a_sentence(pool: PoolRunner) -> None:
    with pytest.raises(WorkerLost, match="was killed 3 times"):
        list(pool.map(die, range(3)))

    assert list(pool.map(squared, range(3), 0)) == [0, 1, 4]


@contextmanager
def killed_at_start(most: float) -> Iterator[None]:
    """Kill processes of this one as they start, some at most, while the block lasts."""
    ended = threading.Event()

    def kill() -> None:
        seen: set[str] = set()
        while not ended.wait(0.01) and len(seen) < most:
            for process in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                with suppress(OSError):
                    if process not in seen and "spawn_main" in Path(f"/proc/{process}/cmdline").read_text():
                        seen.add(process)
                        os.kill(int(process), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        ended.set()
        killer.join()


def test_a_process_that_is_killed_before_it_is_ready_costs_no_part_an_attempt(pool: PoolRunner) -> None:
    with killed_at_start(6):
        assert list(pool.map(squared, range(3), 0)) == [0, 1, 4]


def test_processes_that_never_start_end_the_job_with_a_sentence(pool: PoolRunner) -> None:
    with killed_at_start(math.inf), pytest.raises(WorkerLost, match="10 processes were killed while they started"):
        list(pool.map(squared, range(3), 0))


def test_what_a_task_raises_the_leader_raises(pool: PoolRunner) -> None:
    with pytest.raises(InvalidInput, match="part 0 is refused") as caught:
        list(pool.map(refuse, range(3)))

    assert caught.value.code == "refused_part"


def test_parts_that_were_kept_run_where_they_ran_before(pool: PoolRunner) -> None:
    first = list(pool.map(process_of, range(12), keep=True))

    assert len(set(first)) == 2
    assert list(pool.map(process_of, range(12))) == first


def test_what_the_edge_raises_cancels_what_has_not_begun(pool: PoolRunner) -> None:
    def stop(share: float) -> None:
        if share > 0.05:
            raise StoreError("stopped")

    with pytest.raises(StoreError, match="stopped"):
        list(pool.map(squared, range(100), 0, edge=stop))
    assert list(pool.map(squared, range(3), 0)) == [0, 1, 4]


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_no_process_outlives_a_leader_that_is_killed(redis_server: EmbeddedServer, tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import sys
        from dog.bootstrap import build_runtime
        from dog.services.pool_runner import PoolRunner
        from dog.services.runner_tasks import WorkerSetup
        from tests.services.tasks import process_of
        if __name__ == "__main__":
            runtime = build_runtime({{"DOG_REDIS_URL": {redis_server.url!r}, "DOG_DURABILITY": "volatile"}})
            with PoolRunner(WorkerSetup.of(runtime), 2) as pool:
                print(*pool.map(process_of, range(2)), flush=True)
                sys.stdin.read()
        """)
    script = tmp_path / "leader.py"
    script.write_text(program)
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
    ) as leader:
        assert leader.stdout is not None
        workers = [int(number) for number in leader.stdout.readline().split()]
        leader.kill()

        assert len(workers) == 2
        while any(lives(worker) for worker in workers):
            time.sleep(0.01)
