"""What the pages that edit a policy share: loading a version, preview, draft, publish, roll back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from dog.console.policy_views import describe_preview, read_document, versions_table
from dog.console.session import allows, author, require, runtime, tenant
from dog.console.widgets import hidden_unless
from dog.services.publishing.preview_policy import preview_policy
from dog.services.publishing.publish_policy import activate_policy_version, publish_policy

SAMPLE = 60
"""Contacts of a preview: it takes about a second."""

Document = bytes | dict[str, Any]


def publishing_stores(page: str) -> list[Any]:
    """Return the page's stores: the version it was loaded from, and a counter of what was stored since."""
    return [dcc.Store(id=f"{page}-base", data={}), dcc.Store(id=f"{page}-again", data=0)]


def publishing_controls(page: str) -> list[Any]:
    """Return the comment field and the buttons, hidden unless the user may publish."""
    hidden = hidden_unless(allows("admin"))
    buttons = [
        html.Button("Preview", id=f"{page}-preview", className="plain"),
        html.Button("Save as draft", id=f"{page}-draft", className="plain"),
        html.Button("Publish", id=f"{page}-publish", className="main"),
    ]
    return [
        dmc.TextInput(id=f"{page}-comment", placeholder="Why this change?", debounce=True, label="Comment", **hidden),
        html.Div(buttons, className="actions", **hidden),
        dcc.Loading(html.Div(id=f"{page}-told", role="status"), type="dot", color="#2456c9"),
    ]


def register_loading(
    app: Dash,
    page: str,
    controls: Sequence[str],
    values: Callable[[str, str, dict[str, Any]], Sequence[Any]],
    base: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> None:
    """Fill the components `controls` with `values(name, version, document)` of the active or the shown version.

    The page keeps `base` of the active document.
    """

    @app.callback(
        *(Output(name, "value") for name in controls),
        Output(f"{page}-base", "data"),
        Output(f"{page}-state", "children"),
        Output(f"{page}-versions", "children"),
        Input(f"{page}-name", "value"),
        Input(f"{page}-again", "data"),
        Input({"type": f"{page}-show", "of": ALL}, "n_clicks"),
    )
    def load(name: str, again: int, clicks: list[int]) -> tuple[Any, ...]:
        require("read")
        picked = ctx.triggered_id["of"] if isinstance(ctx.triggered_id, dict) else None
        if picked and not any(clicks):
            return (no_update,) * (len(controls) + 3)
        versions = versions_table(name, page) if allows("admin") else None
        if ctx.triggered_id == f"{page}-again" and again < 0:  # only a draft was stored: keep what is being edited
            return *(no_update,) * (len(controls) + 2), versions
        active, document = read_document(name)
        version, shown = read_document(name, picked) if picked else (active, document)
        state = f"{name} {active} is in force" + ("" if version == active else f"; {version} is shown")
        return *values(name, version, shown), {"version": active, **base(document)}, state, versions


def register_publishing(
    app: Dash, page: str, controls: Sequence[str], document: Callable[..., Document], *, effective: str, activated: str
) -> None:
    """Preview, store, publish and roll back the policy `document(name, *values of the components controls)`.

    `effective` and `activated` say when a published, and a rolled back, version takes effect.
    """

    @app.callback(
        Output(f"{page}-told", "children"),
        Output(f"{page}-again", "data"),
        Output(f"{page}-comment", "value"),
        Input(f"{page}-preview", "n_clicks"),
        Input(f"{page}-draft", "n_clicks"),
        Input(f"{page}-publish", "n_clicks"),
        Input({"type": f"{page}-enforce", "of": ALL}, "n_clicks"),
        State(f"{page}-name", "value"),
        State(f"{page}-base", "data"),
        State(f"{page}-again", "data"),
        State(f"{page}-comment", "value"),
        *(State(name, "value") for name in controls),
        prevent_initial_call=True,
    )
    def act(*given: Any) -> tuple[Any, Any, Any]:
        name, base, again, comment, *values = given[4:]
        require("admin")
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        pressed = ctx.triggered_id
        if isinstance(pressed, dict):
            activate_policy_version(runtime(), tenant(), name, pressed["of"])
            return html.P(f"{pressed['of']} is in force{activated}.", className="good"), abs(again) + 1, no_update
        policy = document(name, *values)
        if pressed == f"{page}-preview":
            found = preview_policy(runtime(), tenant(), name, policy, sample=SAMPLE)
            return describe_preview(found), no_update, no_update
        draft = pressed == f"{page}-draft"
        stored = publish_policy(
            runtime(),
            tenant(),
            name,
            policy,
            author=author(),
            comment=comment or "",
            if_match=base["version"],
            draft=draft,
        )
        outcome = "is kept as a draft" if draft else f"is in force{effective}"
        # Below zero: only a draft was stored, what is being edited stays.
        counter = (abs(again) + 1) * (-1 if draft else 1)
        return html.P(f"{stored['version']} {outcome}.", className="good"), counter, no_update if draft else ""
