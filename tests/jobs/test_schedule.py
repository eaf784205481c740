from jobs.schedule import SCHEDULE
from jobs.scheduler import JOBS


def test_every_periodic_job_has_its_work() -> None:
    assert {periodic.name for periodic in SCHEDULE} == set(JOBS)
