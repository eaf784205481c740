"""The curves page: shape the reinforcement curve over this tenant's win rates, preview, publish, roll back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html

from dog.console.curve_figure import draw
from dog.console.policy_publishing import (
    publishing_controls,
    publishing_stores,
    register_loading,
    register_publishing,
)
from dog.console.policy_views import no_policy, policy_names, policy_title, read_document
from dog.console.session import allows, require, runtime, tenant
from dog.core.learning.reinforcement_settings import FAMILIES, LAP_SCOPES, NEUTRALS, READINGS, LapScope, Recursion
from dog.services.pairs.pair_table import PairTable, PairTables, count_bins, preview_moves
from dog.services.publishing.draw_curves import draw_curve
from dog.services.publishing.recursion_outlook import RecursionOutlooks, describe_pace

MOST_LAPS = 1_000_000_000
POINTS = [place / 200 for place in range(201)]
FIELDS = ("family", "neutral", "point", "a_max", "d_min", "reading", "n", "k", "laps", "lap_scope")
CONTROLS = [f"curves-{name}" for name in FIELDS]
WARNINGS = {"order_broken": "a higher win rate would count for less", "bounds_broken": "the curve leaves its side of 1"}


def show() -> Any:
    """Return the page's components."""
    names = policy_names()
    if not names:
        return no_policy()
    graph = [
        html.Div(id="curves-graph", className="curve"),
        html.Div(id="curves-broken", role="status", **{"aria-live": "polite"}),
    ]
    publishing = html.Div(
        [html.Div(id="curves-moves", className="quiet"), *publishing_controls("curves")], className="beside"
    )
    versions = html.Div(id="curves-versions")
    title = html.H2("Recursions at this tenant's pace")
    recursions = html.Section([title, html.Div(id="curves-recursions")], className="card below")
    return html.Div(
        [
            *publishing_stores("curves"),
            policy_title("curves", "Curves", names),
            html.Div(
                [
                    html.Div([html.Section(graph, className="card"), recursions]),
                    html.Aside([*_controls(), publishing], className="beside"),
                ],
                className="columns wide",
            ),
            html.Section([html.H2("Versions"), versions], className="card below") if allows("admin") else versions,
        ]
    )


def _controls() -> list[Any]:
    return [
        _segments("family", "Shape", FAMILIES),
        _segments("neutral", "Neutral point", (*NEUTRALS, "number")),
        html.Div(_slider("point", "Win rate that counts as neutral", 0.01, 0.99, 0.01), id="curves-at"),
        _slider("a_max", "Ceiling of the ARM", 1, 10, 0.1),
        _slider("d_min", "Floor of the DRM", 0.05, 1, 0.01),
        _segments("reading", "Recursion acts on", READINGS),
        _slider("n", "Strength n of a recursion", 0, 3, 0.05),
        _slider("k", "Drawn after k recursions", 0, 5, 1),
        dmc.NumberInput(
            id="curves-laps",
            label="Laps between two recursions",
            min=1,
            max=MOST_LAPS,
            step=50,
            debounce=True,
            size="sm",
        ),
        _segments("lap_scope", "Whose laps count", LAP_SCOPES),
    ]


def _segments(name: str, label: str, choices: Sequence[str]) -> Any:
    control = dmc.SegmentedControl(
        id=f"curves-{name}", data=list(choices), size="xs", fullWidth=True, **{"aria-label": label}
    )
    return html.Div([html.Span(label, className="says", **{"aria-hidden": "true"}), control], className="field")


def _slider(name: str, label: str, low: float, high: float, step: float) -> Any:
    slider = dmc.Slider(
        id=f"curves-{name}", min=low, max=high, step=step, value=low, updatemode="drag", thumbLabel=label, size="sm"
    )
    shown = html.Output(id=f"curves-{name}-is", className="numbers")
    return html.Div([html.Span([label, shown], className="says"), slider], className="field")


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    register_loading(app, "curves", CONTROLS, _values, lambda document: {"in_force": _fields(document)})
    register_publishing(
        app,
        "curves",
        CONTROLS,
        _document,
        effective="; multipliers follow with the next recompute",
        activated=" from the next recompute on",
    )

    @app.callback(
        Output("curves-recursions", "children"),
        Input("curves-laps", "value"),
        Input("curves-lap_scope", "value"),
        State("curves-name", "value"),
        prevent_initial_call=True,
    )
    def show_recursions(laps: Any, scope: LapScope, name: str) -> Any:
        require("read")
        outlook = runtime().shared(RecursionOutlooks).of(runtime(), tenant(), name)
        if outlook is None:
            return html.P("The laps are being counted; open this page again in a moment.", className="quiet")
        pace = outlook.pace
        wanted = _whole(laps, pace.laps_between), scope
        in_force = "" if wanted == (pace.laps_between, outlook.scope) else "In force now: "
        later = [html.P(f"{in_force}{' '.join(outlook.next_ones)}")] if outlook.next_ones else []
        return [html.P(describe_pace(pace, *wanted)), *later]

    @app.callback(
        Output("curves-graph", "children"),
        Output("curves-broken", "children"),
        Output("curves-moves", "children"),
        Output("curves-at", "style"),
        *(Output(f"curves-{name}-is", "children") for name in ("point", "a_max", "d_min", "n", "k")),
        *(Input(name, "value") for name in CONTROLS),
        State("curves-base", "data"),
        State("curves-name", "value"),
        prevent_initial_call=True,
    )
    def redraw(*given: Any) -> Any:
        *values, base, name = given
        require("read")
        chosen = dict(zip(FIELDS, values, strict=True))
        k = int(chosen["k"])
        wanted = draw_curve(runtime(), tenant(), _settings(chosen), POINTS, [0] if k == 0 else [0, k])
        active = draw_curve(runtime(), tenant(), base["in_force"], POINTS, [0])
        table = runtime().shared(PairTables).of(runtime(), tenant(), name, wait_seconds=0.2)
        rates = None if table is None else count_bins(table.now.win_rate[table.pitches > 0], 0.0, 1.0)
        return (
            draw(wanted, active, rates, k),
            _warnings(wanted["warnings"], k),
            _moves(table, chosen),
            {} if chosen["neutral"] == "number" else {"display": "none"},
            *(f"{chosen[name]:.3g}" for name in ("point", "a_max", "d_min", "n")),
            str(k),
        )


def _fields(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a policy's curve."""
    settings = document["reinforcement"]
    recursion = {name: settings["recursion"][name] for name in ("reading", "n")}
    return {name: settings[name] for name in ("family", "neutral", "a_max", "d_min")} | recursion


def _whole(laps: Any, otherwise: int) -> int:
    """Return the number in the field of laps; what it was where the field is empty."""
    return int(laps) if isinstance(laps, int | float) and 1 <= laps <= MOST_LAPS else otherwise


def _values(_name: str, _version: str, document: dict[str, Any]) -> list[Any]:
    """Return the values of the controls for a policy's settings."""
    fields = _fields(document)
    is_number = isinstance(fields["neutral"], float)
    point, neutral = (fields["neutral"], "number") if is_number else (0.1, fields["neutral"])
    settings = document["reinforcement"]
    laps = {"laps": settings["recursion"]["laps"], "lap_scope": settings["lap_scope"]}
    named = fields | laps | {"neutral": neutral, "point": point, "k": 1}
    return [named[name] for name in FIELDS]


def _settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the curve settings that the controls stand for."""
    neutral = float(values["point"]) if values["neutral"] == "number" else values["neutral"]
    numbers = {name: float(values[name]) for name in ("a_max", "d_min", "n")}
    return {"family": values["family"], "neutral": neutral, "reading": values["reading"], **numbers}


def _document(name: str, *values: Any) -> dict[str, Any]:
    """Return the active policy with the curve of the controls."""
    _, document = read_document(name)
    given = dict(zip(FIELDS, values, strict=True))
    chosen = _settings(given)
    recursion = document["reinforcement"]["recursion"]
    damping = {"reading": chosen.pop("reading"), "n": chosen.pop("n"), "laps": _whole(given["laps"], recursion["laps"])}
    changed = chosen | {"recursion": recursion | damping, "lap_scope": given["lap_scope"]}
    return document | {"reinforcement": document["reinforcement"] | changed}


def _warnings(warnings: Sequence[Mapping[str, Any]], k: int) -> Any:
    if not warnings:
        after = f", also after {k} recursion{'s' if k > 1 else ''}" if k else ""
        return html.P(f"Order and bounds hold{after}.", className="good")
    lines = (f"At win rate {one['win_rate']:.3f}: {WARNINGS.get(one['code'], one['code'])}." for one in warnings)
    return html.Div([html.P(line, className="warned") for line in lines])


def _moves(table: PairTable | None, values: Mapping[str, Any]) -> str:
    """Describe what the next recompute would change if the evidence stayed the same."""
    if table is None:
        return "This shows what would change once multipliers have been published and read."
    chosen = _settings(values)
    current = table.multipliers.settings
    recursion = Recursion(chosen.pop("reading"), chosen.pop("n"), current.recursion.laps)
    moves = preview_moves(table, replace(current, **chosen, recursion=recursion))
    text = f"Next recompute: of {moves['pairs']:,} pairs {moves['up']:,} rise and {moves['down']:,} fall"
    if moves["up"] + moves["down"]:
        text += f", half of them by more than ×{moves['median']:.2f}; the largest move is ×{moves['largest']:.2f}"
    return text + "."
