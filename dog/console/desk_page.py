"""The desk: how recommendations do, how fresh everything is, what runs, what a deployment still needs."""

from datetime import UTC, datetime
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update, set_props

from dog.console.desk_figures import agreement, share_tile, spread, tile, weekly
from dog.console.desk_runs import tell_runs
from dog.console.layout import count
from dog.console.session import allows, background_results, require, runtime, tenant
from dog.services.lists.snapshot import Snapshots
from dog.services.operations.doctor import run_doctor
from dog.services.pairs.week_figures import count_weeks, lists_this_week, proportion
from dog.services.policies.policy_store import DEFAULT_POLICY
from dog.services.weekly.run_recompute import start_recompute
from dog.storage.job_log import Job, list_jobs
from dog.storage.versions import read_version

WEEKS = 8
SHOWN_JOBS = 8
NUMBERS = frozenset({"age", "scores", "took"})
LOOK_MS = 2000
SOON = "Wins are known sooner than losses: the newest weeks look better than they are until all pitches are settled."


def show() -> Any:
    """Lay the page out with the figures of this moment."""
    counts = count_weeks(runtime(), tenant(), WEEKS)
    lists = lists_this_week(runtime(), tenant())
    four = {kind: sum(week[kind] for week in counts[-4:]) for kind in ("accept", "discard", "win", "loss", "pitch")}
    tiles = [
        tile("Lists this week", f"{lists['lists']:,}", f"to {count(lists['contacts'], 'contact')} in {lists['week']}"),
        share_tile("Accept rate", proportion(four["accept"], four["accept"] + four["discard"]), "verdicts"),
        share_tile("Win rate", proportion(four["win"], four["win"] + four["loss"]), "resolved pitches"),
        tile("Pitches", f"{four['pitch']:,}", "in the last four weeks"),
    ]
    return html.Div(
        [
            html.Div([html.H1("Desk")], className="title"),
            html.Div(tiles, className="tiles"),
            html.Div(
                [
                    html.Section(
                        [html.H2("Week by week"), weekly(counts), html.P(SOON, className="quiet small")],
                        className="card",
                    ),
                    html.Section([html.H2("Multipliers in force"), *_version()], className="card"),
                ],
                className="halves",
            ),
            html.Section([html.H2("Jobs"), _run_button(), html.Div(id="desk-jobs")], className="card below"),
            html.Section([html.H2("Models"), _models()], className="card below"),
            html.Section([html.H2("Last judged"), tell_runs()], className="card below"),
            _examination(),
            dcc.Interval(id="desk-look", interval=LOOK_MS),
            dcc.Store(id="desk-wanted", data=False),
        ]
    )


def _version() -> list[Any]:
    store = runtime().store(tenant())
    held = runtime().shared(Snapshots).current(store).version
    version = read_version(store, held.version) if held else None
    if version is None:
        return [html.P("None yet: they come with the first weekly recompute.", className="quiet")]
    figure = spread(version, DEFAULT_POLICY)
    return [figure, agreement(version, DEFAULT_POLICY)]


def _run_button() -> Any:
    hidden = {} if allows("admin") else {"style": {"display": "none"}}
    return html.P(html.Button("Run the recompute", id="desk-run", className="plain"), **hidden)


def _models() -> Any:
    models = runtime().shared(Snapshots).current(runtime().store(tenant())).models
    if not models:
        return html.P(
            "No scores are loaded: python -m jobs train, or python -m dog load scores FILE.", className="quiet"
        )
    rows = []
    for name, record in sorted(models.items()):
        as_of = record.get("as_of_ms")
        days = (runtime().clock() - as_of) / 86_400_000 if as_of else None
        rows.append(
            html.Tr(
                [
                    html.Td(html.Code(name)),
                    html.Td(_day(as_of), className="tight"),
                    html.Td("" if days is None else f"{days:,.0f} days old", className="n"),
                    html.Td(f"{record['count']:,}" if "count" in record else "", className="n"),
                ]
            )
        )
    return _table(("model", "scores of", "age", "scores"), rows)


def _examination() -> Any:
    if not allows("admin"):
        return html.Div(id="desk-findings")
    button = html.Button("Look through everything", id="desk-examine", className="plain")
    told = ["Settings, Redis, durability, data, size: what ", html.Code("python -m dog doctor"), " says."]
    heading = html.H2("What is still needed")
    return html.Section(
        [heading, html.P(told, className="quiet"), html.P(button), html.Div(id="desk-findings")], className="card below"
    )


def register(app: Dash) -> None:
    """Register what the page does."""

    @app.callback(
        Output("desk-jobs", "children"),
        Output("desk-look", "disabled"),
        Input("desk-look", "n_intervals"),
        State("desk-wanted", "data"),
    )
    def look(_: int | None, wanted: bool) -> Any:  # Dash calls by position
        require("read")
        jobs = list_jobs(runtime().store(tenant()))[:SHOWN_JOBS]
        found, looking = background_results().result((tenant(), "doctor"))
        if wanted and allows("admin"):
            if found is None and not looking:  # another worker was asked: this one looks for itself
                _examine()
                looking = True
            set_props("desk-findings", {"children": _findings(found, looking=looking)})
        idle = not looking and all(job.state not in ("queued", "running") for job in jobs)
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
    def examine_now(clicks: int | None) -> Any:
        require("admin")
        if not clicks:
            return no_update
        _examine()
        set_props("desk-look", {"disabled": False})
        set_props("desk-wanted", {"data": True})
        return 0


def _examine() -> None:
    the_runtime, the_tenant = runtime(), tenant()
    background_results().start((the_tenant, "doctor"), lambda: run_doctor(the_runtime, the_tenant))


def _jobs(jobs: list[Job]) -> Any:
    if not jobs:
        return html.P("None has run yet.", className="quiet")
    rows = []
    for job in jobs:
        share_done = 1.0 if job.state == "done" else job.progress
        bar = html.Progress(value=f"{share_done:.3f}", max="1", **{"aria-label": f"{job.name}: {share_done:.0%}"})
        counts = ", ".join(f"{name} {count:,}" for name, count in job.counts.items() if isinstance(count, int))
        took = (job.finished_at_ms - job.started_at_ms) / 1000 if job.finished_at_ms and job.started_at_ms else None
        rows.append(
            html.Tr(
                [
                    html.Td(job.name),
                    html.Td(html.Span(job.state, className=f"badge {job.state}")),
                    html.Td(bar),
                    html.Td(_minute(job.created_at_ms), className="tight"),
                    html.Td("" if took is None else f"{took:,.1f} s", className="n"),
                    html.Td(job.error or counts[:160], className="small"),
                ]
            )
        )
    return _table(("job", "state", "progress", "begun (UTC)", "took", "counts"), rows)


def _findings(found: Any, *, looking: bool) -> Any:
    if looking:
        return html.P("Looking …", className="quiet")
    if isinstance(found, Exception):
        return html.P(str(found), className="warned")
    wrong = [one for one in found if not one.ok]
    lead = f"{len(wrong)} of {len(found)} need something" if wrong else f"All {len(found)} are as they should be"
    rows = [
        html.Tr(
            [
                html.Td(html.Span("right" if one.ok else "mend", className="badge" if one.ok else "badge failed")),
                html.Td(one.about),
                html.Td([one.says, html.Div(html.Code(one.mend)) if one.mend else None], className="wraps"),
            ]
        )
        for one in [*wrong, *(one for one in found if one.ok)]
    ]
    return html.Div([html.P(html.Strong(f"{lead}.")), _table(("state", "about", "says"), rows)])


def _table(head: tuple[str, ...], rows: list[Any]) -> Any:
    heads = html.Tr([html.Th(name, className="n" if name in NUMBERS else "") for name in head])
    return html.Div(html.Table([html.Thead(heads), html.Tbody(rows)], className="plain"), className="scrolls")


def _minute(at_ms: int | None) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M") if at_ms else ""


def _day(at_ms: int | None) -> str:
    return _minute(at_ms)[:10]
