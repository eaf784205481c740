"""The rules page: edit a policy as TOML with faults marked in place, preview, compare, publish, roll back."""

from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html

from dog.console.policy_publishing import (
    SAMPLE,
    publishing_controls,
    publishing_stores,
    register_loading,
    register_publishing,
)
from dog.console.policy_views import describe_differences, no_policy, policy_names, policy_title, read_document
from dog.console.session import require, runtime, tenant
from dog.console.toml_writer import write_toml
from dog.console.widgets import count, table
from dog.errors import InvalidPolicy
from dog.services.lists.kept_decisions import count_fired_rules
from dog.services.policies.check_policy import check_policy
from dog.services.publishing.preview_policy import preview_policy
from dog.services.publishing.publish_policy import diff_policies
from dog.storage.policy_versions import read_policy_text


def show() -> Any:
    """Return the page's components."""
    names = policy_names()
    if not names:
        return no_policy()
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
    lines = html.Pre(id="rules-lines", **{"aria-hidden": "true"})
    check = html.Div(id="rules-check", role="status", **{"aria-live": "polite"})
    return html.Div(
        [
            *publishing_stores("rules"),
            policy_title("rules", "Rules", names),
            html.Div(
                [
                    html.Section([html.Div([lines, editor], className="editor")], className="card"),
                    html.Aside([check, *publishing_controls("rules")], className="beside"),
                ],
                className="columns wide",
            ),
            html.Section([html.H2("Rules in force"), html.Div(id="rules-list")], className="card below"),
            html.Section([html.H2("Versions"), html.Div(id="rules-versions")], className="card below"),
        ],
        className="rules",
    )


def register(app: Dash) -> None:
    """Register the page's callbacks."""
    register_loading(app, "rules", ["rules-text"], _text, lambda _: {})
    register_publishing(
        app,
        "rules",
        ["rules-text"],
        lambda _, text: text.encode(),
        effective="; the next request follows it",
        activated="; the next request follows it",
    )

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
        found, wrong = _check(text or "", name)
        return (found, _line_numbers(text or "", wrong), *[bool(wrong)] * 3)

    @app.callback(
        Output("rules-list", "children"),
        Input("rules-base", "data"),
        State("rules-name", "value"),
        prevent_initial_call=True,
    )
    def list_rules(_: dict[str, str], name: str) -> Any:  # after the text: counting how often each fires takes a second
        require("admin")
        return _list(read_document(name)[1])


def _text(name: str, version: str, document: dict[str, Any]) -> list[str]:
    require("admin")
    return [read_policy_text(runtime().store(tenant()), name, version) or write_toml(document)]


def _check(text: str, name: str) -> tuple[Any, set[int]]:
    """Check a policy; return what was found and the numbers of the wrong lines."""
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
        wrong = {fault.line or 1 for fault in error.faults} or {1}
        return html.Div([html.H2("Not yet right"), html.Ul(lines, className="faults")]), wrong
    hold = "holds" if len(policy.examples) == 1 else "hold"
    examples = f"{count(len(policy.rules), 'rule')}, {count(len(policy.examples), 'example')} {hold}"
    differences = diff_policies(read_document(name)[1], policy.to_document())
    return html.Div([html.H2(f"Right: {examples}"), describe_differences(differences)]), set()


def _line_numbers(text: str, wrong: set[int]) -> list[Any]:
    lines = text.count("\n") + 1
    return [html.Span(f"{number}\n", className="wrong" if number in wrong else "") for number in range(1, lines + 1)]


def _list(document: dict[str, Any]) -> Any:
    """List the active rules: how many lists each changed this week, and would change on a sample now."""
    rules = document.get("rules", [])
    if not rules:
        return html.P(
            "None: models and reinforcement alone decide. rules/README.md has one of each kind.", className="quiet"
        )
    fired = preview_policy(runtime(), tenant(), document["name"], document, sample=SAMPLE)["rules"]
    lists = count_fired_rules(runtime(), tenant(), document["name"])
    rows = []
    for rule in rules:
        outcome = fired.get(rule["id"], {"fired": 0, "did_not": 0, "unknown": 0, "lists": 0})
        total = outcome["fired"] + outcome["did_not"] + outcome["unknown"]
        share = f"{outcome['lists']:,} lists, {outcome['fired'] / max(total, 1):.1%} of {total:,} options"
        cells = (
            html.Code(rule["id"]),
            rule.get("stage", "suitability"),
            html.Code(rule.get("when") or "always"),
            html.Code(", ".join(f"{name} {value}" for name, value in rule["then"].items())),
            f"{lists.get(rule['id'], 0):,}",
            share if total else "not tried",
        )
        rows.append([html.Td(cell) for cell in cells])
    return table(("rule", "stage", "when", "then", "lists moved this week", f"would move now, {SAMPLE} contacts"), rows)
