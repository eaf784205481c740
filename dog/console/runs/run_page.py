"""The page of a run with its report, its files, and two runs compared."""

from typing import Any

from flask import Blueprint, Response, render_template, request, send_file

from dog.console.runs.report_words import report_words
from dog.console.runs.run_words import changed_inputs, describe_comparison, figure, inputs_of, main_figures
from dog.console.session import require, runtime, tenant
from dog.console.texts import _
from dog.errors import InvalidInput, NotFound
from dog.offline.report_charts import picture
from dog.offline.report_page import REPORT_FILE, parts_of
from dog.services.run_records import compare_runs, run_folder
from dog.storage.run_log import Run, list_runs, read_run

routes = Blueprint("run", __name__)


@routes.get("/runs/<run_id>")
def show(run_id: str) -> str:
    """Show one run: its figures, its report, its inputs and files."""
    require("read")
    store = runtime().store(tenant())
    run = read_run(store, run_id)
    earlier = [one for one in list_runs(store) if one.kind == run.kind and one.at_ms < run.at_ms]
    return render_template(
        "run.html",
        run=run,
        figures=main_figures(run),
        inputs=inputs_of(run),
        metrics=[(name, figure(value)) for name, value in run.metrics.items()],
        before=earlier[0] if earlier else None,
        has_report=REPORT_FILE in run.files,
        **_read_report(run),
    )


@routes.get("/runs/<run_id>/files/<name>")
def download(run_id: str, name: str) -> Response:
    """Send a file of a run."""
    require("read")
    run = read_run(runtime().store(tenant()), run_id)
    path = run_folder(runtime(), run_id) / name
    if name not in run.files or not path.is_file():
        raise NotFound(_("This machine has no file %(name)s of the run.", name=name), code="unknown_run")
    return send_file(path.resolve(), as_attachment=True)


@routes.get("/runs/compare")
def compare() -> str:
    """Show where two runs differ."""
    require("read")
    chosen = request.args.getlist("run")
    if len(chosen) != 2:
        raise InvalidInput(_("Choose two runs to compare; %(n)s are chosen.", n=len(chosen)))
    store, found = runtime().store(tenant()), compare_runs(runtime(), tenant(), chosen[0], chosen[1])
    return render_template(
        "runs_compared.html",
        runs=[read_run(store, run_id) for run_id in chosen],
        verdict=describe_comparison(found),
        inputs=changed_inputs(found["inputs"]),
        metrics=[_change(name, *values) for name, values in found["metrics"].items()],
    )


def _change(name: str, first: float | None, second: float | None) -> tuple[str, str, str, str]:
    change = None if first is None or second is None else second - first
    return name, figure(first), figure(second), figure(change)


def _read_report(run: Run) -> dict[str, Any]:
    """Return the report's parts, else the run's charts; `missing` where another machine has the files."""
    folder = run_folder(runtime(), run.run_id)
    if not all((folder / name).is_file() for name in run.files):
        return {"missing": True}
    if REPORT_FILE in run.files:
        parts = parts_of((folder / REPORT_FILE).read_text("utf-8"))
    else:
        charts = [folder / name for name in run.files if name.endswith(".svg")]
        parts = "".join(picture(path.stem, path.read_bytes()) for path in charts)
    return {"parts": report_words(parts)}
