"""The scheduler: APScheduler in this process; what is due, and which process does it, is kept in Redis."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from dog.end_with_parent import end_with_parent
from dog.errors import Conflict, DogError
from dog.log import log
from dog.services.feedback.release_quarantine import release_quarantine
from dog.services.job_lease import Interrupted
from dog.services.operations.webhooks import deliver_webhooks
from dog.services.policies.policy_store import read_active_policies
from dog.services.runner import open_runner
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.describe_loads import describe_changed_loads
from dog.services.weekly.run_recompute import run_recompute

RETRY_MS = 15 * 60_000
"""How long a tenant's job that failed is not tried again: at every tick it would fill the history of jobs."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job and how often it runs; it determines itself what is due, so that an extra tick is harmless."""

    work: Callable[[Runtime, str], object]
    every_seconds: int
    why: str


def steer(runtime: Runtime, tenant: str) -> None:
    """Steer the policies that allow it, after each published week."""
    policies = read_active_policies(runtime.store(tenant)).values()
    if any(policy.reinforcement.self_steer for _, policy in policies):
        from dog.offline.steering.steer import steer_due  # noqa: PLC0415  # scikit-learn takes seconds to import

        with open_runner(runtime) as runner:
            steer_due(runtime, tenant, runner)


def meta(runtime: Runtime, tenant: str) -> None:
    """Train, prove and switch on what is proved, where there is something new to learn from."""
    from dog.offline.meta_due import is_meta_due  # noqa: PLC0415  # scipy takes memory

    if is_meta_due(runtime, runtime.store(tenant)):
        from dog.offline.meta import learn  # noqa: PLC0415  # scikit-learn takes seconds to import

        with open_runner(runtime) as runner:
            learn(runtime, tenant, runner=runner)


def describe_scores(runtime: Runtime, tenant: str) -> None:
    """Describe the scores of models that were changed over HTTP."""
    with open_runner(runtime) as runner:
        describe_changed_loads(runner, runtime.store(tenant), runtime.clock())


def release_names(runtime: Runtime, tenant: str) -> None:
    """Record events whose names became known while a loader was killed, or by a policy."""
    release_quarantine(runtime, runtime.store(tenant))


def sync(runtime: Runtime, tenant: str) -> None:
    """Read the sources of DOG_SYNC_MAP whose time has come."""
    if runtime.settings.sync_map is not None:
        from dog.services.data.sources.sync_sources import sync_due  # noqa: PLC0415  # what imports files takes memory

        sync_due(runtime, tenant)


SCHEDULE = {
    "recompute": Periodic(run_recompute, 60, "publishes every week that has ended and is not published yet"),
    "loads": Periodic(describe_scores, 60, "describes the scale of scores that were changed over HTTP"),
    "quarantine": Periodic(
        release_names, 600, "records events that waited for unknown names, once these are known by any way"
    ),
    "sync": Periodic(sync, 30, "reads the sources of DOG_SYNC_MAP, each as often as its `every` says"),
    "webhooks": Periodic(
        deliver_webhooks, 5, "notifies the tenant's webhook of jobs that ended and policies that became active"
    ),
    "archive": Periodic(
        archive,
        86_400,
        "archives weeks published DOG_ARCHIVE_AFTER_WEEKS ago; with DOG_ARCHIVE older decisions and versions, too",
    ),
    "meta": Periodic(
        meta, 600, "once a week, if anything was bought or won, refits and proves the models and uses what is proved"
    ),
    "steer": Periodic(
        steer, 600, "after each published week, publishes safer settings of policies with self_steer if they are better"
    ),
}


def run_scheduler(runtime: Runtime, *, ends_with_parent: bool = False) -> None:
    """Run the schedule until SIGTERM or Ctrl-C; a running job then stops at its next checkpoint."""
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: runtime.stopping.set())
    if ends_with_parent:
        end_with_parent()
    scheduler = BackgroundScheduler(timezone="UTC", executors={"default": ThreadPoolExecutor(1)})
    runner = JobRunner(runtime)
    for name, periodic in SCHEDULE.items():
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler.add_job(runner.run_due, "interval", (name,), seconds=periodic.every_seconds, **options)
        scheduler.add_job(runner.run_due, None, (name,))
    scheduler.start()
    runtime.stopping.wait()
    scheduler.shutdown(wait=True)


@dataclass(slots=True)
class JobRunner:
    """Runs a job for every tenant, and pauses it for a tenant for which it failed."""

    runtime: Runtime
    _paused_until_ms: dict[tuple[str, str], int] = field(default_factory=dict)

    def run_due(self, name: str) -> None:
        """Run what is due of a job, for every tenant."""
        try:
            tenants = self.runtime.tenants()
        except DogError as error:
            log.warning("tick_failed", job=name, reason=error.message)
            return
        for tenant in tenants:
            if self.runtime.stopping.is_set():
                return
            if self.runtime.clock() >= self._paused_until_ms.get((name, tenant), 0):
                self._run(name, tenant)

    def _run(self, name: str, tenant: str) -> None:
        try:
            SCHEDULE[name].work(self.runtime, tenant)
        except (Conflict, Interrupted):  # another process does it, or this one is stopping
            return
        except DogError as error:
            log.warning("job_failed", job=name, tenant=tenant, reason=error.message)
            self._paused_until_ms[name, tenant] = self.runtime.clock() + RETRY_MS
