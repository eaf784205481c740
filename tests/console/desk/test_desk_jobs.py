"""Jobs and the health check: started by administrators, shown while they run."""

from collections.abc import Callable

from flask.testing import FlaskClient

from dog.services.runtime import Runtime
from dog.storage.audit_log import read_audit_entries
from dog.storage.job_log import Job, put_job
from dog.storage.store import Store
from tests.console.conftest import ORIGIN

Open = Callable[..., FlaskClient]
DONE = Job(
    job_id="j",
    name="recompute",
    state="done",
    created_at_ms=1,
    started_at_ms=1000,
    finished_at_ms=3500,
    counts={"pairs": 18, "version": "x"},
)


def test_jobs_are_polled_while_one_runs(log_in: Open, store: Store) -> None:
    client = log_in("read")
    put_job(store, DONE)
    assert "hx-get" not in (text := client.get("/console/desk/jobs").text)
    assert "2.5" in text
    assert "pairs 18" in text
    assert "version" not in text

    put_job(store, Job(job_id="k", name="recompute", state="queued", created_at_ms=2))
    assert 'hx-trigger="every 2s"' in client.get("/console/desk/jobs").text


def test_a_recompute_is_started_and_recorded_by_administrators_alone(
    log_in: Open, published: Store, runtime: Runtime
) -> None:
    assert log_in("read").post("/console/desk/recompute", headers=ORIGIN).status_code == 403

    client = log_in()
    assert client.post("/console/desk/recompute", headers=ORIGIN).status_code == 200
    while "hx-trigger" in (text := client.get("/console/desk/jobs").text):
        pass
    assert text.count("<tr>") == 3
    assert "job.recompute" in [entry["act"] for _, entry in read_audit_entries(published.redis, "default", 5)]


def test_findings_that_need_a_fix_come_first(log_in: Open, published: Store) -> None:
    assert log_in("read").post("/console/desk/check", headers=ORIGIN).status_code == 403

    client = log_in()
    client.post("/console/desk/check", headers=ORIGIN)
    while "Checking" in (text := client.get("/console/desk/check").text):
        pass
    assert "need a fix" in text
    assert 0 < text.index(">FIX<") < text.rindex(">FIX<") < text.index(">OK<")
