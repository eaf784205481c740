"""What a worker process builds its runtime from."""

from dataclasses import replace

import pytest

from dog.config import Settings
from dog.errors import InvalidSettings
from dog.services.runner_tasks import WorkerSetup, run_task, worker_runtime
from dog.services.runtime import Runtime
from dog.storage.durability import Durability
from dog.storage.embedded import EmbeddedServer
from tests.services.tasks import squared


def test_the_password_of_redis_is_not_shown() -> None:
    setup = WorkerSetup(redis_url="redis://:s3cret@host", settings=Settings(), durability=Durability("strict"))

    assert "s3cret" not in repr(setup)


def test_a_process_has_one_runtime_until_another_setup_comes(runtime: Runtime, redis_server: EmbeddedServer) -> None:
    runtime.server = redis_server
    setup = WorkerSetup.of(runtime)
    runtime.server = None
    first = worker_runtime(setup)

    assert run_task(setup, squared, 3, 1) == 10
    assert worker_runtime(setup) is first
    assert first.redis_url == redis_server.url
    assert worker_runtime(replace(setup, settings=replace(setup.settings, timezone="Europe/Paris"))) is not first


def test_workers_need_a_redis_that_they_can_reach(runtime: Runtime) -> None:
    with pytest.raises(InvalidSettings, match="set DOG_REDIS_URL"):
        WorkerSetup.of(runtime)
