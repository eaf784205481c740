"""What was found the last time: the newest run of each kind that judges models and curves."""

from datetime import UTC, datetime
from typing import Any

from dash import html

from dog.console.session import runtime, tenant
from dog.storage.run_log import Run, list_runs

JUDGES = ("train", "evaluate", "tune", "prove")
MOST_FIGURES = 12


def tell_runs() -> Any:
    """Show the newest run of each kind that judges: what it found, and what was decided on it."""
    newest: dict[str, Run] = {}
    for run in list_runs(runtime().store(tenant())):
        newest.setdefault(run.kind, run)
    shown = [newest[kind] for kind in JUDGES if kind in newest]
    if not shown:
        return html.P("No model was trained and nothing evaluated here yet.", className="quiet")
    rows = []
    for run in shown:
        at = datetime.fromtimestamp(run.at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
        figures = [f"{name} {value:.4g}" for name, value in run.metrics.items() if value is not None]
        more = f" … and {len(figures) - MOST_FIGURES} more" if len(figures) > MOST_FIGURES else ""
        found = ", ".join(figures[:MOST_FIGURES]) + more
        rows.append(
            html.Tr(
                [
                    html.Td(run.kind),
                    html.Td(at, className="tight"),
                    html.Td(run.outcome, className="wraps"),
                    html.Td(found, className="small wraps"),
                ]
            )
        )
    heads = html.Tr([html.Th(name) for name in ("run", "ended (UTC)", "outcome", "found")])
    return html.Div(html.Table([html.Thead(heads), html.Tbody(rows)], className="plain"), className="scrolls")
