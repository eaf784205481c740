"""The reinforcement curve: shaped by sliders, drawn over this tenant's win rates, previewed, published, rolled back."""

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from dog.console.curve_figure import draw
from dog.console.layout import nothing_here
from dog.console.policy_views import document_of, next_look, policy_names, policy_title, tell_preview, versions_table
from dog.console.session import allows, key, pair_tables, require, runtime, tenant
from dog.core.learning.reinforcement_settings import FAMILIES, NEUTRALS, READINGS, Recursion, Reinforcement
from dog.services.pairs.pair_table import count_bins, preview_moves
from dog.services.publishing.draw_curves import draw_curve
from dog.services.publishing.preview_policy import preview_policy
from dog.services.publishing.publish_policy import activate_version_of, put_policy

SAMPLE = 60
POINTS = [place / 200 for place in range(201)]
FIELDS = ("family", "neutral", "point", "a_max", "d_min", "reading", "n", "k")
BREAKS = {"order_broken": "a higher win rate would count for less", "bounds_broken": "the curve leaves its side of 1"}


def show() -> Any:
    """Lay the page out."""
    names = policy_names()
    if not names:
        return nothing_here("No policy is active; put one into rules/ and start again.")
    return html.Div(
        [
            dcc.Store(id="curves-base", data={}),
            dcc.Store(id="curves-again", data=0),
            policy_title("curves", "Curves", names),
            html.Div(
                [
                    html.Section(
                        [
                            html.Div(id="curves-graph", className="curve"),
                            html.Div(id="curves-broken", role="status", **{"aria-live": "polite"}),
                        ],
                        className="card",
                    ),
                    html.Aside([*_controls(), _publishing()], className="beside"),
                ],
                className="columns wide",
            ),
            html.Section([html.H2("Versions"), html.Div(id="curves-versions")], className="card below")
            if allows("admin")
            else html.Div(id="curves-versions"),
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
    ]


def _publishing() -> Any:
    hidden = {} if allows("admin") else {"style": {"display": "none"}}
    return html.Div(
        [
            html.Div(id="curves-moves", className="quiet"),
            dmc.TextInput(
                id="curves-comment", placeholder="Why this change?", debounce=True, label="Comment", **hidden
            ),
            html.Div(
                [
                    html.Button("Preview", id="curves-preview", className="plain"),
                    html.Button("Save as draft", id="curves-draft", className="plain"),
                    html.Button("Publish", id="curves-publish", className="main"),
                ],
                className="actions",
                **hidden,
            ),
            dcc.Loading(html.Div(id="curves-told", role="status"), type="dot", color="#2456c9"),
        ],
        className="beside",
    )


def _segments(name: str, says: str, of: Sequence[str]) -> Any:
    control = dmc.SegmentedControl(
        id=f"curves-{name}", data=list(of), size="xs", fullWidth=True, **{"aria-label": says}
    )
    return html.Div([html.Span(says, className="says", **{"aria-hidden": "true"}), control], className="field")


def _slider(name: str, says: str, low: float, high: float, step: float) -> Any:
    slider = dmc.Slider(
        id=f"curves-{name}", min=low, max=high, step=step, value=low, updatemode="drag", thumbLabel=says, size="sm"
    )
    shown = html.Output(id=f"curves-{name}-is", className="numbers")
    return html.Div([html.Span([says, shown], className="says"), slider], className="field")


def register(app: Dash) -> None:
    """Register what the page does."""
    settings = [State(f"curves-{name}", "value") for name in FIELDS]

    @app.callback(
        *(Output(f"curves-{name}", "value") for name in FIELDS),
        Output("curves-base", "data"),
        Output("curves-state", "children"),
        Output("curves-versions", "children"),
        Input("curves-name", "value"),
        Input("curves-again", "data"),
        Input({"type": "curves-show", "of": ALL}, "n_clicks"),
    )
    def load(name: str, again: int, shown: list[int]) -> Any:
        require("read")
        if ctx.triggered_id == "curves-again" and again < 0:  # a draft was kept: what is being shaped stays
            return *(no_update,) * (len(FIELDS) + 2), versions_table(name, "curves")
        chosen = ctx.triggered_id["of"] if isinstance(ctx.triggered_id, dict) else None
        if chosen and not any(shown):
            return (no_update,) * (len(FIELDS) + 3)
        active, document = document_of(name)
        version, wanted = document_of(name, chosen) if chosen else (active, document)
        state = f"{name} {active} is in force" + ("" if version == active else f"; {version} is shown")
        versions = versions_table(name, "curves") if allows("admin") else None
        base = {"version": active, "in_force": _fields(document["reinforcement"])}
        return (*_values(wanted["reinforcement"]), base, state, versions)

    @app.callback(
        Output("curves-graph", "children"),
        Output("curves-broken", "children"),
        Output("curves-moves", "children"),
        Output("curves-at", "style"),
        *(Output(f"curves-{name}-is", "children") for name in ("point", "a_max", "d_min", "n", "k")),
        *(Input(f"curves-{name}", "value") for name in FIELDS),
        State("curves-base", "data"),
        State("curves-name", "value"),
        prevent_initial_call=True,
    )
    def redraw(*given: Any) -> Any:
        *values, base, name = given
        require("read")
        chosen = dict(zip(FIELDS, values, strict=True))
        k = int(chosen["k"])
        wanted = draw_curve(runtime(), tenant(), _chosen(chosen), POINTS, [0] if k == 0 else [0, k])
        in_force = draw_curve(runtime(), tenant(), base["in_force"], POINTS, [0])
        table = pair_tables().of(runtime(), tenant(), name, wait_seconds=0.2)
        rates = None if table is None else count_bins(table.now.win_rate[table.pitches > 0], 0.0, 1.0)
        hidden = {} if chosen["neutral"] == "number" else {"display": "none"}
        told = [f"{chosen[name]:.3g}" for name in ("point", "a_max", "d_min", "n")]
        return (
            draw(wanted, in_force, rates, k),
            _broken(wanted["warnings"], k),
            _moves(table, chosen),
            hidden,
            *told,
            str(k),
        )

    @app.callback(
        Output("curves-told", "children"),
        Output("curves-again", "data"),
        Output("curves-comment", "value"),
        Input("curves-preview", "n_clicks"),
        Input("curves-draft", "n_clicks"),
        Input("curves-publish", "n_clicks"),
        Input({"type": "curves-enforce", "of": ALL}, "n_clicks"),
        State("curves-name", "value"),
        State("curves-base", "data"),
        State("curves-again", "data"),
        State("curves-comment", "value"),
        *settings,
        prevent_initial_call=True,
    )
    def act(*given: Any) -> Any:
        name, base, again, comment, *values = given[4:]
        require("admin")
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        if isinstance(ctx.triggered_id, dict):
            version = ctx.triggered_id["of"]
            activate_version_of(runtime(), tenant(), name, version)
            said = f"{version} is in force from the next recompute on."
            return html.P(said, className="good"), abs(again) + 1, no_update
        document = _document(name, dict(zip(FIELDS, values, strict=True)))
        if ctx.triggered_id == "curves-preview":
            told = tell_preview(preview_policy(runtime(), tenant(), name, document, sample=SAMPLE))
            return told, no_update, no_update
        draft = ctx.triggered_id == "curves-draft"
        stored = put_policy(
            runtime(),
            tenant(),
            name,
            document,
            author=key().name or key().key_id,
            comment=comment or "",
            if_match=base["version"],
            draft=draft,
        )
        said = "is kept as a draft" if draft else "is in force; multipliers follow with the next recompute"
        told = html.P(f"{stored['version']} {said}.", className="good")
        return told, next_look(again, draft=draft), no_update if draft else ""


def _fields(reinforcement: dict[str, Any]) -> dict[str, Any]:
    """Take from a policy what the curve is made of."""
    recursion = reinforcement["recursion"]
    plain = {name: reinforcement[name] for name in ("family", "neutral", "a_max", "d_min")}
    return plain | {"reading": recursion["reading"], "n": recursion["n"]}


def _values(reinforcement: dict[str, Any]) -> list[Any]:
    """Set the controls to a policy's settings."""
    fields = _fields(reinforcement)
    point = fields["neutral"] if isinstance(fields["neutral"], float) else 0.1
    neutral = "number" if isinstance(fields["neutral"], float) else fields["neutral"]
    named = fields | {"neutral": neutral, "point": point, "k": 1}
    return [named[name] for name in FIELDS]


def _chosen(values: dict[str, Any]) -> dict[str, Any]:
    """Read the controls as settings of a curve."""
    neutral = float(values["point"]) if values["neutral"] == "number" else values["neutral"]
    numbers = {name: float(values[name]) for name in ("a_max", "d_min", "n")}
    return {"family": values["family"], "neutral": neutral, "reading": values["reading"], **numbers}


def _document(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Write the active policy with the curve that was chosen."""
    _, document = document_of(name)
    chosen = _chosen(values)
    recursion = document["reinforcement"]["recursion"] | {"reading": chosen.pop("reading"), "n": chosen.pop("n")}
    return document | {"reinforcement": document["reinforcement"] | chosen | {"recursion": recursion}}


def _broken(warnings: list[dict[str, Any]], k: int) -> Any:
    if not warnings:
        return html.P(
            f"Order and bounds hold, also after {k} recursion{'s' if k > 1 else ''}."
            if k
            else "Order and bounds hold.",
            className="good",
        )
    lines = [
        html.P(f"At win rate {one['win_rate']:.3f}: {BREAKS.get(one['code'], one['code'])}.", className="warned")
        for one in warnings
    ]
    return html.Div(lines)


def _moves(table: Any, values: dict[str, Any]) -> str:
    """Say what the next recompute would move, the evidence being what it is."""
    if table is None:
        return "What would move is told once multipliers have been published and read."
    chosen = _chosen(values)
    current = table.multiplied.settings
    recursion = Recursion(chosen.pop("reading"), chosen.pop("n"), current.recursion.laps)
    others = {
        name: getattr(current, name) for name in ("rate", "explore", "max_step", "maturation_days", "absorb", "streak")
    }
    moves = preview_moves(table, Reinforcement(**chosen, recursion=recursion, **others))
    said = f"Next recompute: of {moves['pairs']:,} pairs {moves['up']:,} rise and {moves['down']:,} fall"
    if moves["up"] + moves["down"]:
        said += f", half of them by more than ×{moves['median']:.2f}; the largest move is ×{moves['largest']:.2f}"
    return said + "."
