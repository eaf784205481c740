from collections.abc import Callable
from dataclasses import replace

import pytest

from dog.core.policy.policy_settings import START
from dog.errors import Conflict, NotReady
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_models
from dog.storage.job_log import list_jobs
from dog.storage.store import Store
from jobs.scheduler import RETRY_MS, SCHEDULE, JobRunner
from tests.conftest import Clock
from tests.start_world import load_tastes


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, store: Store) -> Callable[[Exception | None], list[str]]:
    """Replace the work of the job `recompute` by a record of the tenants it ran for."""
    del store

    def replace_work(error: Exception | None) -> list[str]:
        tenants: list[str] = []

        def work(_: Runtime, tenant: str) -> None:
            tenants.append(tenant)
            if error is not None:
                raise error

        monkeypatch.setitem(SCHEDULE, "recompute", replace(SCHEDULE["recompute"], work=work))
        return tenants

    return replace_work


def test_each_periodic_job_has_a_period_and_a_reason() -> None:
    assert set(SCHEDULE) == {"recompute", "loads", "quarantine", "sync", "webhooks", "archive", "meta", "steer"}
    assert all(periodic.every_seconds > 0 and periodic.why for periodic in SCHEDULE.values())


def test_a_job_runs_for_every_tenant(runtime: Runtime, ran: Callable[[Exception | None], list[str]]) -> None:
    tenants = ran(None)
    runtime.store("other", create=True)
    JobRunner(runtime).run_due("recompute")

    assert sorted(tenants) == ["default", "other"]


def test_a_job_that_failed_pauses_for_its_tenant(
    runtime: Runtime, clock: Clock, ran: Callable[[Exception | None], list[str]]
) -> None:
    tenants, runner = ran(NotReady("nothing to do")), JobRunner(runtime)
    runner.run_due("recompute")
    runner.run_due("recompute")
    clock.now_ms += RETRY_MS
    runner.run_due("recompute")

    assert tenants == ["default", "default"]


def test_a_job_that_another_process_does_is_tried_at_the_next_tick(
    runtime: Runtime, ran: Callable[[Exception | None], list[str]]
) -> None:
    tenants, runner = ran(Conflict("running elsewhere")), JobRunner(runtime)
    runner.run_due("recompute")
    runner.run_due("recompute")

    assert tenants == ["default", "default"]


def test_nothing_runs_in_a_process_that_stops(runtime: Runtime, ran: Callable[[Exception | None], list[str]]) -> None:
    tenants = ran(None)
    runtime.stopping.set()
    JobRunner(runtime).run_due("recompute")

    assert tenants == []


def test_a_tenant_that_never_trains_is_trained_by_the_schedule_alone_and_once(runtime: Runtime, store: Store) -> None:
    load_tastes(runtime, store)
    store.execute("HDEL", store.keys.of("models"), START)

    runner = JobRunner(runtime)
    runner.run_due("meta")
    trained = read_models(store)[START]["made_at_ms"]
    runner.run_due("meta")

    assert trained == runtime.clock()
    assert [job.name for job in list_jobs(store)] == ["meta"]


def test_an_empty_tenant_is_left_alone(runtime: Runtime, store: Store) -> None:
    JobRunner(runtime).run_due("meta")

    assert list_jobs(store) == []
