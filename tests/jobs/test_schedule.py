from jobs.schedule import SCHEDULE


def test_each_periodic_job_has_one_entry_and_a_reason() -> None:
    names = [periodic.name for periodic in SCHEDULE]

    assert len(set(names)) == len(names)
    assert all(periodic.every_seconds > 0 and periodic.why for periodic in SCHEDULE)
