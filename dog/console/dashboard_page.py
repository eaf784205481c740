"""The dashboard, "Desk" in the navigation: how recommendations do, what runs, what a deployment still needs."""

from collections.abc import Sequence
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update, set_props

from dog.console.dashboard_figures import multiplier_spread, predicted_and_observed, share_tile, tile, weekly_rates
from dog.console.session import allows, require, runtime, tenant
from dog.console.widgets import count, hidden_unless, minute, table
from dog.services.background_tasks import BackgroundResults
from dog.services.lists.snapshot import Snapshots
from dog.services.operations.doctor import run_doctor
from dog.services.pairs.week_figures import count_weeks, lists_this_week, proportion
from dog.services.weekly.start_recompute import start_recompute
from dog.storage.consolidation_fits import read_loads
from dog.storage.job_log import Job, list_jobs
from dog.storage.multiplier_versions import read_version
from dog.storage.policy_versions import read_default_policy
from dog.storage.run_log import Run, list_runs

WEEKS = 8
MAX_JOBS = 8
MAX_METRICS = 12
POLL_MS = 2000
JUDGING_RUNS = ("train", "evaluate", "tune", "prove")
SOON = "Wins are known sooner than losses: the newest weeks look better than they are until all pitches are settled."


def show() -> Any:
    """Return the page's components with the current figures."""
    weeks = count_weeks(runtime(), tenant(), WEEKS)
    rates = [html.H2("Week by week"), weekly_rates(weeks), html.P(SOON, className="quiet small")]
    run_button = html.Button("Run the recompute", id="desk-run", className="plain")
    jobs = [html.H2("Jobs"), html.P(run_button, **hidden_unless(allows("admin"))), html.Div(id="desk-jobs")]
    return html.Div(
        [
            html.Div([html.H1("Desk")], className="title"),
            html.Div(_tiles(weeks), className="tiles"),
            html.Div(
                [
                    html.Section(rates, className="card"),
                    html.Section([html.H2("Multipliers in force"), *_multipliers()], className="card"),
                ],
                className="halves",
            ),
            html.Section(jobs, className="card below"),
            html.Section([html.H2("Models"), _models()], className="card below"),
            html.Section([html.H2("Last judged"), _judging_runs()], className="card below"),
            _doctor(),
            dcc.Interval(id="desk-look", interval=POLL_MS),
            dcc.Store(id="desk-wanted", data=False),
        ]
    )


def _tiles(weeks: Sequence[dict[str, int]]) -> list[Any]:
    lists = lists_this_week(runtime(), tenant())
    four = {kind: sum(week[kind] for week in weeks[-4:]) for kind in ("accept", "discard", "win", "loss", "pitch")}
    return [
        tile("Lists this week", f"{lists['lists']:,}", f"to {count(lists['contacts'], 'contact')} in {lists['week']}"),
        share_tile("Accept rate", proportion(four["accept"], four["accept"] + four["discard"]), "verdicts"),
        share_tile("Win rate", proportion(four["win"], four["win"] + four["loss"]), "resolved pitches"),
        tile("Pitches", f"{four['pitch']:,}", "in the last four weeks"),
    ]


def _multipliers() -> list[Any]:
    store = runtime().store(tenant())
    held = runtime().shared(Snapshots).current(store).version
    version = read_version(store, held.version) if held else None
    if version is None:
        return [html.P("None yet: they come with the first weekly recompute.", className="quiet")]
    policy = read_default_policy(store)
    return [multiplier_spread(version, policy), predicted_and_observed(version, policy)]


def _models() -> Any:
    models = runtime().shared(Snapshots).current(runtime().store(tenant())).models
    if not models:
        return html.P(
            "No scores are loaded: python -m jobs train, or python -m dog load scores FILE.", className="quiet"
        )
    rows, loads = [], read_loads(runtime().store(tenant()))
    for name, record in sorted(models.items()):
        as_of = record.get("as_of_ms")
        age = f"{(runtime().clock() - as_of) / 86_400_000:,.0f} days old" if as_of else ""
        rows.append(
            [
                html.Td(html.Code(name)),
                html.Td(minute(as_of)[:10], className="tight"),
                html.Td(age, className="n"),
                html.Td(f"{load.count:,}" if (load := loads.of(name)) else "", className="n"),
            ]
        )
    return table(("model", "scores of", "age", "scores"), rows, numeric=("age", "scores"))


def _judging_runs() -> Any:
    """Show the newest run of each kind that judges models or curves: its metrics and outcome."""
    newest: dict[str, Run] = {}
    for run in list_runs(runtime().store(tenant())):
        newest.setdefault(run.kind, run)
    runs = [newest[kind] for kind in JUDGING_RUNS if kind in newest]
    if not runs:
        return html.P("No model was trained and nothing evaluated here yet.", className="quiet")
    return table(("run", "ended (UTC)", "outcome", "found"), [_run_row(run) for run in runs])


def _run_row(run: Run) -> list[Any]:
    metrics = [f"{name} {value:.4g}" for name, value in run.metrics.items() if value is not None]
    more = f" … and {len(metrics) - MAX_METRICS} more" if len(metrics) > MAX_METRICS else ""
    return [
        html.Td(run.kind),
        html.Td(minute(run.at_ms), className="tight"),
        html.Td(run.outcome, className="wraps"),
        html.Td(", ".join(metrics[:MAX_METRICS]) + more, className="small wraps"),
    ]


def _doctor() -> Any:
    if not allows("admin"):
        return html.Div(id="desk-findings")
    button = html.Button("Look through everything", id="desk-examine", className="plain")
    about = ["Settings, Redis, durability, data, size: what ", html.Code("python -m dog doctor"), " says."]
    heading = html.H2("What is still needed")
    return html.Section(
        [heading, html.P(about, className="quiet"), html.P(button), html.Div(id="desk-findings")],
        className="card below",
    )


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @app.callback(
        Output("desk-jobs", "children"),
        Output("desk-look", "disabled"),
        Input("desk-look", "n_intervals"),
        State("desk-wanted", "data"),
    )
    def poll(_: int | None, wanted: bool) -> Any:  # Dash calls by position
        require("read")
        jobs = list_jobs(runtime().store(tenant()))[:MAX_JOBS]
        found, running = runtime().shared(BackgroundResults).result((tenant(), "doctor"))
        if wanted and allows("admin"):
            if found is None and not running:  # another worker was asked first: start it in this one too
                _start_doctor()
                running = True
            set_props("desk-findings", {"children": _findings(found, running=running)})
        idle = not running and all(job.state not in ("queued", "running") for job in jobs)
        return _jobs(jobs), idle

    @app.callback(Output("desk-look", "n_intervals"), Input("desk-run", "n_clicks"), prevent_initial_call=True)
    def run(clicks: int | None) -> Any:
        require("admin")
        if not clicks:
            return no_update
        start_recompute(runtime(), tenant(), None, dry_run=False)
        set_props("desk-look", {"disabled": False})
        return 0

    @app.callback(
        Output("desk-look", "n_intervals", allow_duplicate=True),
        Input("desk-examine", "n_clicks"),
        prevent_initial_call=True,
    )
    def run_doctor(clicks: int | None) -> Any:
        require("admin")
        if not clicks:
            return no_update
        _start_doctor()
        set_props("desk-look", {"disabled": False})
        set_props("desk-wanted", {"data": True})
        return 0


def _start_doctor() -> None:
    the_runtime, the_tenant = runtime(), tenant()
    the_runtime.shared(BackgroundResults).start((the_tenant, "doctor"), lambda: run_doctor(the_runtime, the_tenant))


def _jobs(jobs: Sequence[Job]) -> Any:
    if not jobs:
        return html.P("None has run yet.", className="quiet")
    heads = ("job", "state", "progress", "begun (UTC)", "took", "counts")
    return table(heads, [_job_row(job) for job in jobs], numeric=("took",))


def _job_row(job: Job) -> list[Any]:
    progress = 1.0 if job.state == "done" else job.progress
    counts = ", ".join(f"{name} {count:,}" for name, count in job.counts.items() if isinstance(count, int))
    seconds = (job.finished_at_ms - job.started_at_ms) / 1000 if job.finished_at_ms and job.started_at_ms else None
    return [
        html.Td(job.name),
        html.Td(html.Span(job.state, className=f"badge {job.state}")),
        html.Td(html.Progress(value=f"{progress:.3f}", max="1", **{"aria-label": f"{job.name}: {progress:.0%}"})),
        html.Td(minute(job.created_at_ms), className="tight"),
        html.Td("" if seconds is None else f"{seconds:,.1f} s", className="n"),
        html.Td(job.error or counts[:160], className="small"),
    ]


def _findings(found: Any, *, running: bool) -> Any:
    if running:
        return html.P("Looking …", className="quiet")
    if isinstance(found, Exception):
        return html.P(str(found), className="warned")
    wrong = [one for one in found if not one.ok]
    lead = f"{len(wrong)} of {len(found)} need something" if wrong else f"All {len(found)} are as they should be"
    rows = [
        [
            html.Td(html.Span("right" if one.ok else "mend", className="badge" if one.ok else "badge failed")),
            html.Td(one.about),
            html.Td([one.says, html.Div(html.Code(one.mend)) if one.mend else None], className="wraps"),
        ]
        for one in [*wrong, *(one for one in found if one.ok)]
    ]
    return html.Div([html.P(html.Strong(f"{lead}.")), table(("state", "about", "says"), rows)])
