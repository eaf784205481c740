"""Work in a child process: its result, its errors and its end are those of a call in this process."""

import errno
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from dog.bootstrap import create_runtime
from dog.config import read_settings
from dog.errors import NotReady, WorkerLost
from dog.services.background_job import start_job
from dog.services.child_process import run_in_child
from dog.services.runtime import Runtime
from dog.storage.audit_log import Actor, current_actor
from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.job_log import Job, read_job
from dog.storage.store import Store
from tests.servers import wait_until
from tests.services.calls import (
    answer_at_length,
    describe,
    die,
    divide,
    read_half_a_file,
    refuse,
    wait_as_job,
    wait_forever,
    work_once,
)
from tests.services.test_pool_runner import lives


@pytest.fixture
def runtime(redis_server: EmbeddedServer, tmp_path: Path) -> Iterator[Runtime]:
    """Build a runtime whose Redis other processes can reach."""
    settings = read_settings({"DOG_REDIS_URL": redis_server.url, "DOG_DATA_DIR": str(tmp_path)})
    with create_runtime(settings, connect(redis_server.url, timeout_seconds=5)) as runtime:
        runtime.redis.flushall()
        yield runtime


@pytest.fixture
def store(runtime: Runtime) -> Store:
    return runtime.store("default", create=True)


def no_report(*_: object) -> None:
    """Ignore what is reported."""


def ended(store: Store, job: Job) -> Job:
    wait_until(lambda: read_job(store, job.job_id).state not in ("queued", "running"), 60)
    return read_job(store, job.job_id)


def process_in(file: Path) -> int:
    wait_until(file.exists, 60)
    return int(file.read_text())


def test_a_job_whose_process_cannot_be_started_fails_and_says_why(
    runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start_none(*_: object) -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr("multiprocessing.util.spawnv_passfds", start_none)
    job = ended(store, start_job(runtime, "default", "evaluate", {}, work_once))

    assert (job.state, job.error) == (
        "failed",
        "its process could not be started: Cannot allocate memory; start it again",
    )


def test_a_call_is_made_in_another_process_in_the_name_of_who_asked(runtime: Runtime) -> None:
    told: list[tuple[object, ...]] = []
    current_actor.set(Actor("key_1", "Ada", "127.0.0.1"))
    found = run_in_child(runtime, describe, lambda *what: told.append(what))
    current_actor.set(None)

    assert found["process"] != os.getpid()
    assert (found["by"], found["redis"], told) == ("Ada", True, [(0.5, "half")])
    assert found["nice"] > os.nice(0)
    wait_until(lambda: not lives(found["process"]))


def test_what_the_call_raises_the_parent_raises(runtime: Runtime) -> None:
    with pytest.raises(NotReady, match="no week of pitches is complete") as refused:
        run_in_child(runtime, refuse, no_report)
    with pytest.raises(ZeroDivisionError) as failed:
        run_in_child(runtime, divide, no_report)
    with pytest.raises(EOFError, match="the file ends early"):
        run_in_child(runtime, read_half_a_file, no_report)

    assert refused.value.code == "no_week"
    assert "calls.py" in failed.value.__notes__[0]


def test_a_killed_child_is_an_error_of_one_sentence_and_the_next_call_works(runtime: Runtime) -> None:
    with pytest.raises(WorkerLost, match="its process was killed, perhaps for lack of memory; start it again"):
        run_in_child(runtime, die, no_report)

    assert run_in_child(runtime, describe, no_report)["redis"]


def test_a_child_that_is_killed_while_it_answers_is_lost_too(runtime: Runtime) -> None:
    def kill(process: int) -> None:
        time.sleep(0.3)  # meanwhile it fills the pipe, which nobody reads
        os.kill(process, 9)

    with pytest.raises(WorkerLost, match="its process was killed"):
        run_in_child(runtime, answer_at_length, kill)


def test_a_process_that_is_asked_to_stop_ends_its_child(runtime: Runtime) -> None:
    processes: list[int] = []

    def stop(process: int) -> None:
        processes.append(process)
        runtime.stopping.set()

    with pytest.raises(WorkerLost, match="asked to stop"):
        run_in_child(runtime, wait_forever, stop)
    assert not lives(processes[0])


def test_a_child_ends_with_its_parent_however_that_ended(redis_server: EmbeddedServer, tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        from dog.bootstrap import build_runtime
        from dog.services.child_process import run_in_child
        from tests.services.calls import wait_forever
        if __name__ == "__main__":
            runtime = build_runtime({{"DOG_REDIS_URL": {redis_server.url!r}, "DOG_DURABILITY": "volatile"}})
            run_in_child(runtime, wait_forever, lambda process: print(process, flush=True))
        """)
    script = tmp_path / "parent.py"
    script.write_text(program)
    environ = {**os.environ, "PYTHONPATH": "."}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert lives(child)
        parent.kill()

    wait_until(lambda: not lives(child))


def test_a_job_works_in_a_child_and_its_counts_are_kept(runtime: Runtime, store: Store) -> None:
    job = ended(store, start_job(runtime, "default", "evaluate", {}, work_once))

    assert (job.state, job.progress, job.error) == ("done", 1.0, None)
    assert job.counts["process"] != os.getpid()


def test_a_job_whose_child_is_killed_says_so_and_can_be_started_again(
    runtime: Runtime, store: Store, tmp_path: Path
) -> None:
    job = start_job(runtime, "default", "evaluate", {}, partial(wait_as_job, file=tmp_path / "pid"))
    os.kill(process_in(tmp_path / "pid"), 9)
    failed = ended(store, job)
    again = ended(store, start_job(runtime, "default", "evaluate", {}, work_once))

    assert (failed.state, failed.error) == (
        "failed",
        "its process was killed, perhaps for lack of memory; start it again",
    )
    assert again.state == "done"


def test_a_process_that_ends_records_its_jobs_as_stopped(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    job = start_job(runtime, "default", "evaluate", {}, partial(wait_as_job, file=tmp_path / "pid"))
    child = process_in(tmp_path / "pid")
    with connect(runtime.settings.redis_url or "", timeout_seconds=5) as redis:
        runtime.close()
        kept = read_job(Store(redis, store.tenant), job.job_id)

    assert not lives(child)
    assert (kept.state, kept.error) == ("stopped", "the process was asked to stop; run it again to continue")
    assert not any(thread.name == "repeated" for thread in threading.enumerate())
