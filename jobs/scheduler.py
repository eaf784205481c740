"""The ticker: APScheduler in this process, with what is due and who may act kept in Redis."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from dog.errors import Conflict, DogError
from dog.services.job_lease import Interrupted
from dog.services.operations.webhooks import deliver_webhooks
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.run_recompute import run_recompute
from jobs.schedule import SCHEDULE

REST_MS = 15 * 60_000
"""A job that failed is tried again after a while, not at every tick: its history is to stay readable."""

WORK: dict[str, Callable[[Runtime, str], object]] = {
    "recompute": run_recompute,
    "archive": archive,
    "webhooks": deliver_webhooks,
}

log = structlog.get_logger()


def run_scheduler(runtime: Runtime) -> None:
    """Tick until SIGTERM or Ctrl-C; a job that runs ends at its next edge and gives its lease back."""
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: runtime.stopping.set())
    ticker = BackgroundScheduler(timezone="UTC", executors={"default": ThreadPoolExecutor(1)})
    clockwork = Clockwork(runtime)
    for periodic in SCHEDULE:
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        ticker.add_job(clockwork.tick, "interval", (periodic.name,), seconds=periodic.every_seconds, **options)
        ticker.add_job(clockwork.tick, None, (periodic.name,))
    ticker.start()
    runtime.stopping.wait()
    ticker.shutdown(wait=True)


@dataclass(slots=True)
class Clockwork:
    """What a tick needs to know."""

    runtime: Runtime
    _rests_until_ms: dict[tuple[str, str], int] = field(default_factory=dict)

    def tick(self, name: str) -> None:
        """Do what is due of a job, for every tenant; somebody else doing it is fine."""
        try:
            tenants = self.runtime.tenants()
        except DogError as error:
            log.warning("tick_failed", job=name, reason=error.message)
            return
        for tenant in tenants:
            if self.runtime.stopping.is_set():
                return
            if self.runtime.clock() >= self._rests_until_ms.get((name, tenant), 0):
                self._work(name, tenant)

    def _work(self, name: str, tenant: str) -> None:
        try:
            WORK[name](self.runtime, tenant)
        except (Conflict, Interrupted):
            return
        except DogError as error:
            log.warning("job_failed", job=name, tenant=tenant, reason=error.message)
            self._rests_until_ms[name, tenant] = self.runtime.clock() + REST_MS
