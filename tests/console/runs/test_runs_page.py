"""Runs are listed by kind; evaluations and searches are started by who may, and followed until they end."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from dog.console.runs import runs_page
from dog.services.run_records import keep_run
from dog.services.runtime import Runtime
from dog.storage.audit_log import read_audit_entries
from dog.storage.job_log import Job, list_jobs, put_job
from dog.storage.run_log import Run, list_runs
from dog.storage.store import Store
from tests.console.conftest import HOSTILE, ORIGIN
from tests.console.runs.conftest import UNDER_WAY, Start

Open = Callable[..., FlaskClient]


def keep(runtime: Runtime, kind: str, **more: float) -> Run:
    runtime.clock.now_ms += 1000  # type: ignore[attr-defined]  # the tests' clock
    at_ms = runtime.clock()
    return keep_run(runtime, "default", kind, started_ms=at_ms - 1500, settings={}, data="d", metrics=more)


def test_runs_are_listed_with_figures_in_words_and_who_ran_them(
    log_in: Open, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dog.services.run_records.acting_name", lambda: HOSTILE)
    run = keep(runtime, "tune", best_log_loss=0.30128, in_force_log_loss=0.31)
    text = log_in("read").get("/console/runs").text

    assert "log loss of the live settings 0.31, log loss of the best settings 0.3013" in " ".join(text.split())
    assert f'href="/console/runs/{run.run_id}"' in text
    assert "1.5" in text
    assert "&lt;img src=x" in text
    assert "<img src=x" not in text


def test_the_list_shows_one_kind_where_it_is_asked_to(log_in: Open, runtime: Runtime) -> None:
    tuned, proved = keep(runtime, "tune"), keep(runtime, "prove")
    client = log_in("read")
    text = client.get("/console/runs?kind=prove").text

    assert proved.run_id in text
    assert tuned.run_id not in text
    assert "kind=tune" in text


def test_the_list_has_pages(log_in: Open, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_page, "PAGE_ROWS", 1)
    older, newer = keep(runtime, "tune"), keep(runtime, "tune")
    client = log_in("read")
    first, second = (client.get(f"/console/runs?{query}").text for query in ("", "kind=tune&after=1"))

    assert (newer.run_id in first, older.run_id in first) == (True, False)
    assert "after=1" in first
    assert (newer.run_id in second, older.run_id in second) == (False, True)
    assert "after=2" not in second


def test_an_evaluation_is_started_and_its_report_linked(
    log_in: Open, start: Start, history: Store, runtime: Runtime
) -> None:
    text = start(log_in(), "evaluate", policy="recommended", weeks="2")
    run = list_runs(history)[0]

    assert (run.kind, run.by, run.settings["refit_weeks"]) == ("evaluate", "Ada", 2)
    assert f'<a href="/console/runs/{run.run_id}">Open the report</a>' in text
    assert 'id="runs-list"' in text
    assert 'hx-swap-oob="true"' in text
    assert "job.evaluate" in [entry["act"] for _, entry in read_audit_entries(runtime.redis, "default", 5)]


def test_what_lacks_history_says_so(log_in: Open, start: Start, shop: Store) -> None:
    text = start(log_in(), "evaluate", policy="recommended", weeks="4")

    assert "load feedback first" in text
    assert [job.state for job in list_jobs(shop)] == ["failed"]


def test_a_search_is_started_with_the_weeks_that_are_held_out(log_in: Open, start: Start, shop: Store) -> None:
    start(log_in(), "tune", policy="recommended", weeks="3")

    assert [(job.name, job.parameters["held_out_weeks"]) for job in list_jobs(shop)] == [("tune", 3)]


def test_where_optuna_is_missing_one_sentence_takes_the_place_of_the_button(
    log_in: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = log_in()
    assert 'hx-post="/console/runs/tune"' in client.get("/console/runs").text

    monkeypatch.setattr(runs_page, "find_spec", lambda _name: None)
    text = client.get("/console/runs").text

    assert 'hx-post="/console/runs/tune"' not in text
    assert "Tuning needs Optuna, which is not installed here: pip install" in text


@pytest.mark.parametrize("path", ["evaluate", "tune"])
def test_bad_weeks_unknown_policies_and_keys_without_the_scope_start_nothing(
    log_in: Open, shop: Store, path: str
) -> None:
    client, good = log_in(), {"policy": "recommended", "weeks": "4"}

    def refused(client: FlaskClient, **form: str) -> tuple[int, str]:
        answer = client.post(f"/console/runs/{path}", data=form, headers=ORIGIN)
        return answer.status_code, answer.text

    assert refused(client, **good | {"weeks": "0"}) == (
        422,
        "weeks is “0”; give a whole number from 1 to 520\n",
    )
    assert refused(client, **good | {"weeks": "many"})[0] == 422
    assert refused(client, **good | {"weeks": "9" * 5000})[0] == 422
    assert refused(client, **good | {"policy": "nope"})[0] == 404
    assert refused(log_in("read"), **good)[0] == 403
    assert list_jobs(shop) == []


def test_a_page_far_beyond_the_last_run_is_the_first(log_in: Open) -> None:
    assert log_in("read").get(f"/console/runs?after={'9' * 5000}").status_code == 200


def test_who_reads_sees_no_buttons_and_others_no_page(log_in: Open) -> None:
    assert "hx-post" not in log_in("read").get("/console/runs").text
    assert log_in("feedback").get("/console/runs").status_code == 403


def test_the_page_follows_jobs_that_others_have_started_and_keeps_its_filter(log_in: Open, shop: Store) -> None:
    about = {"created_at_ms": 2, "by": "Bo", "progress": 0.25}
    put_job(shop, Job(job_id="j", name="evaluate", state="queued", **about))  # type: ignore[arg-type]  # of both kinds
    put_job(shop, Job(job_id="k", name="recompute", state="queued", created_at_ms=3))
    text = log_in("read").get("/console/runs?kind=tune").text

    assert UNDER_WAY in text
    assert 'hx-get="/console/runs/jobs?kind=tune&amp;after=0"' in text
    assert 'value="0.250"' in text
    assert ">Bo<" in text
    assert "recompute" not in text.split('id="runs-jobs"')[1].split('id="runs-list"')[0]
