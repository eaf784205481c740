import pytest

from dog.errors import NotFound
from dog.storage import job_log
from dog.storage.job_log import KEPT_JOBS, Job, list_jobs, put_job, read_job, renew_lease, take_lease
from dog.storage.store import Store


def job(number: int, state: str = "done", holder: str | None = None) -> Job:
    return Job(job_id=f"job_{number}", name="train", state=state, created_at_ms=number, holder=holder)


def test_a_lease_has_one_holder_and_each_holder_a_greater_token(store: Store) -> None:
    first = take_lease(store, "train", "a", 60_000)

    assert first is not None
    assert take_lease(store, "train", "b", 60_000) is None
    assert not renew_lease(store, "train", "b", 60_000)
    assert renew_lease(store, "train", "a", 0)
    assert (take_lease(store, "train", "b", 60_000) or 0) > first


def test_a_running_job_whose_lease_is_gone_is_lost(store: Store) -> None:
    put_job(store, job(1, "running", holder="a"))
    take_lease(store, "train", "a", 60_000)
    held = read_job(store, "job_1").state
    renew_lease(store, "train", "a", 0)

    assert (held, read_job(store, "job_1").state) == ("running", "lost")


def test_a_job_that_ends_while_it_is_read_is_not_lost(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put_job(store, job(1, "running", holder="a"))

    def end_first(_store: Store, _name: str) -> str:
        put_job(store, job(1, "done", holder="a"))
        return ""

    monkeypatch.setattr(job_log, "read_holder", end_first)

    assert read_job(store, "job_1").state == "done"
    put_job(store, job(1, "running", holder="a"))
    assert [one.state for one in list_jobs(store)] == ["done"]


def test_only_the_newest_jobs_are_kept_and_the_newest_comes_first(store: Store) -> None:
    for number in range(KEPT_JOBS + 2):
        put_job(store, job(number))
    listed = list_jobs(store)

    assert [listed[0].job_id, len(listed)] == [f"job_{KEPT_JOBS + 1}", KEPT_JOBS]
    with pytest.raises(NotFound):
        read_job(store, "job_0")
