"""Jobs in words."""

from dog.console.job_words import STATES, is_under_way, seconds_taken
from dog.storage.job_log import Job


def job(state: str, **more: int) -> Job:
    return Job(job_id="j", name="evaluate", state=state, created_at_ms=1, **more)  # type: ignore[arg-type]  # times


def test_a_job_is_under_way_until_it_has_ended_in_any_way() -> None:
    assert [state for state in STATES if is_under_way(job(state))] == ["queued", "running"]


def test_a_job_takes_seconds_once_it_has_ended() -> None:
    assert seconds_taken(job("running", started_at_ms=1000)) is None
    assert seconds_taken(job("done", started_at_ms=1000, finished_at_ms=3500)) == 2.5
