"""The rules: written with faults at their place, previewed, compared, published, rolled back."""

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from dog.console.layout import count, nothing_here
from dog.console.policy_views import (
    document_of,
    next_look,
    policy_names,
    policy_title,
    tell_differences,
    tell_preview,
    versions_table,
)
from dog.console.session import key, require, runtime, tenant
from dog.console.toml_text import write_toml
from dog.errors import InvalidPolicy
from dog.services.lists.rule_firings import rule_firings
from dog.services.policies.check_policy import check_policy
from dog.services.publishing.preview_policy import preview_policy
from dog.services.publishing.publish_policy import activate_version_of, diff_policies, put_policy
from dog.storage.policy_versions import read_policy_text

SAMPLE = 60
"""Contacts a preview looks at: a second or so."""


def show() -> Any:
    """Lay the page out."""
    names = policy_names()
    if not names:
        return nothing_here("No policy is active; put one into rules/ and start again.")
    actions = [
        html.Button("Preview", id="rules-preview", className="plain"),
        html.Button("Save as draft", id="rules-draft", className="plain"),
        html.Button("Publish", id="rules-publish", className="main"),
    ]
    comment = dmc.TextInput(id="rules-comment", placeholder="Why this change?", debounce=True, label="Comment")
    editor = dmc.Textarea(
        id="rules-text",
        autosize=True,
        minRows=24,
        debounce=350,
        label="Policy as TOML",
        labelProps={"className": "sr"},
        classNames={"input": "code"},
        inputProps={"spellCheck": False},
    )
    return html.Div(
        [
            dcc.Store(id="rules-base", data={}),
            dcc.Store(id="rules-again", data=0),
            policy_title("rules", "Rules", names),
            html.Div(
                [
                    html.Section(
                        [html.Div([html.Pre(id="rules-lines", **{"aria-hidden": "true"}), editor], className="editor")],
                        className="card",
                    ),
                    html.Aside(
                        [
                            html.Div(id="rules-check", role="status", **{"aria-live": "polite"}),
                            comment,
                            html.Div(actions, className="actions"),
                            dcc.Loading(html.Div(id="rules-told", role="status"), type="dot", color="#2456c9"),
                        ],
                        className="beside",
                    ),
                ],
                className="columns wide",
            ),
            html.Section([html.H2("Rules in force"), html.Div(id="rules-list")], className="card below"),
            html.Section([html.H2("Versions"), html.Div(id="rules-versions")], className="card below"),
        ],
        className="rules",
    )


def register(app: Dash) -> None:
    """Register what the page does."""
    _register_list(app)

    @app.callback(
        Output("rules-text", "value"),
        Output("rules-base", "data"),
        Output("rules-state", "children"),
        Output("rules-versions", "children"),
        Input("rules-name", "value"),
        Input("rules-again", "data"),
        Input({"type": "rules-show", "of": ALL}, "n_clicks"),
    )
    def load(name: str, again: int, shown: list[int]) -> tuple[Any, ...]:
        require("admin")
        if isinstance(ctx.triggered_id, dict) and not any(shown):
            return (no_update,) * 4
        if ctx.triggered_id == "rules-again" and again < 0:  # a draft was kept: what is being written stays
            return no_update, no_update, no_update, versions_table(name, "rules")
        active, document = document_of(name)
        version, wanted = active, document
        if isinstance(ctx.triggered_id, dict):
            version, wanted = document_of(name, ctx.triggered_id["of"])
        state = f"{name} {active} is in force" + ("" if version == active else f"; {version} is shown")
        base = {"version": active, "shown": version}
        text = read_policy_text(runtime().store(tenant()), name, version) or write_toml(wanted)
        return text, base, state, versions_table(name, "rules")

    @app.callback(
        Output("rules-check", "children"),
        Output("rules-lines", "children"),
        Output("rules-publish", "disabled"),
        Output("rules-draft", "disabled"),
        Output("rules-preview", "disabled"),
        Input("rules-text", "value"),
        State("rules-name", "value"),
        prevent_initial_call=True,
    )
    def check(text: str, name: str) -> tuple[Any, ...]:
        require("admin")
        said, wrong = _check(text or "", name)
        return (said, _numbers(text or "", wrong), *[bool(wrong)] * 3)

    @app.callback(
        Output("rules-told", "children"),
        Output("rules-again", "data"),
        Output("rules-comment", "value"),
        Input("rules-preview", "n_clicks"),
        Input("rules-draft", "n_clicks"),
        Input("rules-publish", "n_clicks"),
        Input({"type": "rules-enforce", "of": ALL}, "n_clicks"),
        State("rules-text", "value"),
        State("rules-name", "value"),
        State("rules-comment", "value"),
        State("rules-base", "data"),
        State("rules-again", "data"),
        prevent_initial_call=True,
    )
    def act(*given: Any) -> tuple[Any, Any, Any]:
        *_, text, name, comment, base, again = given
        require("admin")
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        pressed = ctx.triggered_id
        if pressed == "rules-preview":
            told = tell_preview(preview_policy(runtime(), tenant(), name, text.encode(), sample=SAMPLE))
            return told, no_update, no_update
        if isinstance(pressed, dict):
            activate_version_of(runtime(), tenant(), name, pressed["of"])
            said = f"{pressed['of']} is in force; the next request follows it."
            return html.P(said, className="good"), abs(again) + 1, no_update
        draft = pressed == "rules-draft"
        stored = put_policy(
            runtime(),
            tenant(),
            name,
            text.encode(),
            author=key().name or key().key_id,
            comment=comment or "",
            if_match=base["version"],
            draft=draft,
        )
        said = "is kept as a draft" if draft else "is in force; the next request follows it"
        told = html.P(f"{stored['version']} {said}.", className="good")
        return told, next_look(again, draft=draft), no_update if draft else ""


def _register_list(app: Dash) -> None:
    """Tell of the rules after the text: counting how often each fires takes a second."""

    @app.callback(
        Output("rules-list", "children"),
        Input("rules-base", "data"),
        State("rules-name", "value"),
        prevent_initial_call=True,
    )
    def tell_rules(_: dict[str, str], name: str) -> Any:
        require("admin")
        return _list(document_of(name)[1])


def _check(text: str, name: str) -> tuple[Any, set[int]]:
    """Check a policy; what is to be said of it, and the lines that are wrong."""
    try:
        policy = check_policy(runtime().store(tenant()), text, runtime().today())
    except InvalidPolicy as error:
        lines = [
            html.Li(
                html.Button(
                    [html.Strong(f"line {fault.line or 1}"), f" {fault.message}"],
                    **{"data-line": str(fault.line or 1), "data-column": str(fault.column or 1)},
                )
            )
            for fault in error.faults
        ]
        return html.Div([html.H2("Not yet right"), html.Ul(lines, className="faults")]), {
            fault.line or 1 for fault in error.faults
        } or {1}
    hold = "holds" if len(policy.examples) == 1 else "hold"
    examples = f"{count(len(policy.rules), 'rule')}, {count(len(policy.examples), 'example')} {hold}"
    _, active = document_of(name)
    return html.Div(
        [html.H2(f"Right: {examples}"), tell_differences(diff_policies(active, policy.to_document()))]
    ), set()


def _numbers(text: str, wrong: set[int]) -> list[Any]:
    count = text.count("\n") + 1
    return [html.Span(f"{number}\n", className="wrong" if number in wrong else "") for number in range(1, count + 1)]


def _list(document: dict[str, Any]) -> Any:
    """List the rules in force: how many lists each moved this week, and would move on a sample now."""
    rules = document.get("rules", [])
    if not rules:
        return html.P(
            "None: models and reinforcement alone decide. rules/README.md has one of each kind.", className="quiet"
        )
    fired = preview_policy(runtime(), tenant(), document["name"], document, sample=SAMPLE)["rules"]
    lists = rule_firings(runtime(), tenant(), document["name"])
    rows = []
    for rule in rules:
        fate = fired.get(rule["id"], {"fired": 0, "did_not": 0, "unknown": 0, "lists": 0})
        total = fate["fired"] + fate["did_not"] + fate["unknown"]
        often = f"{fate['lists']:,} lists, {fate['fired'] / total:.1%} of {total:,} options" if total else "not tried"
        rows.append(
            html.Tr(
                [
                    html.Td(html.Code(rule["id"])),
                    html.Td(rule.get("stage", "suitability")),
                    html.Td(html.Code(rule.get("when") or "always")),
                    html.Td(html.Code(_effect(rule["then"]))),
                    html.Td(f"{lists.get(rule['id'], 0):,}"),
                    html.Td(often),
                ]
            )
        )
    names = ("rule", "stage", "when", "then", "lists moved this week", f"would move now, {SAMPLE} contacts")
    head = html.Tr([html.Th(name) for name in names])
    return html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="plain"), className="scrolls")


def _effect(then: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in then.items())
