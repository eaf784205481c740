"""One run has its figures, its report inside the page and its files; two runs are compared."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from dog.offline.evaluation.evaluation_charts import draw_importance
from dog.offline.proof.policy_proof import PolicyProof
from dog.offline.proof.proof_report import proof_files
from dog.offline.report_charts import pictures
from dog.offline.report_page import render_page, report_files, table
from dog.offline.statistics.intervals import Estimate
from dog.services.run_records import keep_run, run_folder
from dog.services.runtime import Runtime
from dog.services.svg_charts import sketch_bars
from dog.storage.run_log import Run
from tests.console.conftest import HOSTILE
from tests.console.test_german_pages import english_lines
from tests.offline.proof.test_policy_proof import logged_difference
from tests.offline.proof.test_proof_report import CHANGES, HELD_OUT

Open = Callable[..., FlaskClient]


def keep(runtime: Runtime, kind: str = "evaluate", data: str = "d", **more: object) -> Run:
    runtime.clock.now_ms += 1000  # type: ignore[attr-defined]  # the tests' clock
    given = {"settings": {"policy": "a"}, "metrics": {"consolidated.auc": 0.7125, "unknown": None}, **more}
    return keep_run(runtime, "default", kind, started_ms=runtime.clock(), data=data, **given)  # type: ignore[arg-type]


def report() -> dict[str, bytes]:
    """Return the files of a report with hostile names."""
    drawn = {"importance": (HOSTILE, draw_importance({"auc": 0.7, HOSTILE: 0.1}))}
    parts = [f"<p class=advice>{'Keep it.'}</p>", table(["product", "AUC"], [[HOSTILE, "0.7"]])]
    return report_files({"auc": 0.7}, drawn, render_page("Evaluation", [*parts, *pictures(drawn, "importance")]))


def test_the_report_stands_inside_the_page_without_styles_or_frames(log_in: Open, runtime: Runtime) -> None:
    run = keep(runtime, files=report())
    text = log_in("read").get(f"/console/runs/{run.run_id}").text

    assert "<p class=advice>Keep it.</p>" in text
    assert text.count("<h1>") == 1
    assert 'class="figure">0.7125</p><p class="quiet">AUC of the scores' in text
    assert "light-dark(" in text
    assert not re.search(r"<iframe|<style|\sstyle=|<img", text)
    assert "<!doctype html>" not in text[20:]


def test_a_run_without_a_report_shows_its_outcome_and_its_charts(log_in: Open, runtime: Runtime) -> None:
    files = {"spread.svg": sketch_bars("pairs by multiplier", {HOSTILE: 3})}
    run = keep(runtime, "recompute", files=files, outcome="2026-W46 published")
    text = log_in("read").get(f"/console/runs/{run.run_id}").text

    assert "2026-W46 published" in text
    assert "<rect" in text
    assert "&lt;img src=x" in text
    assert "<img" not in text


def test_a_german_run_page_and_the_list_of_runs_hold_no_english_sentence(log_in: Open, runtime: Runtime) -> None:
    proof = PolicyProof(HELD_OUT, logged_difference(Estimate(0.01, 0.001, 0.02)))
    changes = CHANGES | {"warnings": []}
    outcome = f"at least as good; {proof.sentence()}"
    run = keep(runtime, "prove", files=proof_files(proof, changes, "recommended", str), outcome=outcome)
    client, german = log_in("read"), {"Accept-Language": "de"}
    pages = [client.get(f"/console/runs{path}", headers=german).text for path in (f"/{run.run_id}", "")]
    shown = [re.sub(r"<[^>]+>", "\n", page.partition("<main")[2].partition("</main>")[0]) for page in pages]

    assert "Wie gut beide vorhersagen" in shown[0]
    assert "protokollierte Ziehungswahrscheinlichkeiten lassen es offen" in shown[1]
    assert [line for text in shown for line in english_lines(text)] == []


def test_a_report_of_an_earlier_version_can_be_downloaded(log_in: Open, runtime: Runtime) -> None:
    run = keep(runtime, files={"report.html": b"<!doctype html><p>Old</p>"})
    text = log_in("read").get(f"/console/runs/{run.run_id}").text

    assert "Download report.html to read it." in text
    assert "Old" not in text


def test_files_that_another_machine_has_are_named(log_in: Open, runtime: Runtime) -> None:
    run = keep(runtime, files=report())
    (run_folder(runtime, run.run_id) / "report.html").unlink()
    client = log_in("read")

    assert "are not on this machine" in client.get(f"/console/runs/{run.run_id}").text
    assert client.get(f"/console/runs/{run.run_id}/files/report.html").status_code == 404


def test_files_are_downloaded_and_nothing_else_of_the_folder(log_in: Open, runtime: Runtime) -> None:
    run = keep(runtime, files=report())
    (run_folder(runtime, run.run_id) / "secret").write_text("no file of the run")
    client, files = log_in("read"), f"/console/runs/{run.run_id}/files"
    with client.get(f"{files}/figures.json") as answer:
        sent, how = answer.json, answer.headers["Content-Disposition"]

    assert (sent, how) == ({"auc": 0.7}, "attachment; filename=figures.json")
    assert client.get(f"{files}/secret").status_code == 404
    assert client.get("/console/runs/nope").status_code == 404
    assert log_in("feedback").get(f"{files}/figures.json").status_code == 403


def test_two_runs_are_compared_by_what_differs(log_in: Open, runtime: Runtime) -> None:
    first, other_kind = keep(runtime), keep(runtime, "tune")
    second = keep(runtime, data="e", settings={"policy": "a", "weeks": 8}, metrics={"consolidated.auc": 0.75})
    client = log_in("read")
    text = client.get(f"/console/runs/compare?run={first.run_id}&run={second.run_id}").text

    assert "Inputs and figures differ." in text
    assert re.search(r"<th scope=\"row\">weeks</th>\s*<td class=\"n wraps\"></td>\s*<td class=\"n wraps\">8</td>", text)
    assert re.search(r"0\.7125</td>\s*<td class=\"n\">0\.75</td>\s*<td class=\"n\">0\.0375", text)
    assert f"run={first.run_id}&amp;run={second.run_id}" in client.get(f"/console/runs/{second.run_id}").text
    assert other_kind.run_id not in client.get(f"/console/runs/{second.run_id}").text


def test_fewer_or_more_than_two_cannot_be_compared(log_in: Open, runtime: Runtime) -> None:
    run, client = keep(runtime), log_in("read")
    one = client.get(f"/console/runs/compare?run={run.run_id}")

    assert (one.status_code, "Choose two runs to compare; 1 are chosen." in one.text) == (422, True)
    assert client.get(f"/console/runs/compare?run={run.run_id}&run=nope").status_code == 404
