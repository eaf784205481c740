"""The ticker: APScheduler in this process, with what is due and who may act kept in Redis."""

import signal
import threading

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from dog.errors import Conflict, DogError
from dog.services.house import House
from dog.services.run_recompute import run_recompute
from jobs.schedule import SCHEDULE

log = structlog.get_logger()


def run_scheduler(house: House) -> None:
    """Tick until SIGTERM or Ctrl-C; a job that runs finishes its week first."""
    stop = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stop.set())
    ticker = BackgroundScheduler(timezone="UTC", executors={"default": ThreadPoolExecutor(1)})
    for periodic in SCHEDULE:
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        ticker.add_job(tick, "interval", (house, periodic.name), seconds=periodic.every_seconds, **options)
    ticker.start()
    tick(house, "recompute")
    stop.wait()
    ticker.shutdown(wait=True)


def tick(house: House, name: str) -> None:
    """Do what is due of a job, for every tenant; somebody else doing it is fine."""
    try:
        tenants = house.tenants()
    except DogError as error:
        log.warning("tick_failed", job=name, reason=error.message)
        return
    for tenant in tenants:
        try:
            run_recompute(house, tenant)
        except Conflict:
            continue
        except DogError as error:
            log.warning("job_failed", job=name, tenant=tenant, reason=error.message)
