"""What is said of policies on more than one page: what a preview found, where two differ, which versions there are."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
import orjson
from dash import html

from dog.console.session import runtime, tenant
from dog.services.publishing.publish_policy import list_policy_versions
from dog.storage.policy_versions import active_policies, read_policy_versions

MOST_VERSIONS = 12


def policy_names() -> list[str]:
    """Name the active policies, `recommended` first."""
    names = sorted(active_policies(runtime().store(tenant())))
    return sorted(names, key=lambda name: name != "recommended")


def policy_title(page: str, heading: str, names: Sequence[str]) -> Any:
    """Head a page on policies: what it is, what is in force, which policy is shown."""
    return html.Div(
        [
            html.Div([html.H1(heading), html.P(id=f"{page}-state", className="quiet")]),
            dmc.SegmentedControl(id=f"{page}-name", data=names, value=names[0], **{"aria-label": "Policy"}),
        ],
        className="title",
    )


def document_of(name: str, version: str | None = None) -> tuple[str, dict[str, Any]]:
    """Read a version of a policy and its document; the active one unless named."""
    store = runtime().store(tenant())
    wanted = version or active_policies(store)[name]
    document: dict[str, Any] = read_policy_versions(store, name)[wanted]["document"]
    return wanted, document


def next_look(last: int, *, draft: bool) -> int:
    """Count the looks at what is stored, below zero where only a draft has come and what is on the page may stay."""
    return -(abs(last) + 1) if draft else abs(last) + 1


def tell_preview(found: Mapping[str, Any]) -> Any:
    """Say what a policy would change, lists first."""
    lists = f"{found['lists_changed']} of {found['contacts']} lists change"
    places = f"{found['top_k_exchanged']:.1%} of their places"
    alike = found["rank_correlation"]
    order = "" if alike is None else f"; the order of what stays correlates by {alike:.3f}"
    told = [html.P([html.Strong(lists), f", {places}{order}."])]
    for what in ("products", "categories"):
        gain, lose = found[what]["gain"], found[what]["lose"]
        if gain or lose:
            shown = [f"{name} {count:+d}" for name, count in [*gain.items(), *lose.items()]]
            told.append(html.P([html.Span(f"{what}: ", className="quiet"), ", ".join(shown)]))
    for rule_id, fate in found["rules"].items():
        if "note" in fate:
            told.append(html.P([html.Code(rule_id), f" {fate['note']}."], className="warned"))
    told += [html.P(f"{one['pointer']}: {one['message']}", className="warned") for one in found["warnings"]]
    return html.Div(told, className="told")


def tell_differences(differences: Sequence[Mapping[str, Any]]) -> Any:
    """List where two documents differ: the place, what stood there, what stands there now."""
    if not differences:
        return html.P("The same as the version in force.", className="quiet")
    lines = [
        html.Li([html.Code(one["pointer"]), _side(html.Del, one["before"]), _side(html.Ins, one["after"])])
        for one in differences
    ]
    return html.Ul(lines, className="differences")


def _side(kind: Any, value: Any) -> Any:
    return None if value is None else kind(orjson.dumps(value).decode()[:300])


def versions_table(name: str, page: str) -> Any:
    """List the newest versions, with what can be done with each."""
    rows = []
    for one in list_policy_versions(runtime(), tenant(), name)[:MOST_VERSIONS]:
        version = one["version"]
        states = [html.Span("in force", className="badge")] if one["active"] else []
        show = html.Button("Show", id={"type": f"{page}-show", "of": version}, className="plain small")
        enforce = html.Button("Put in force", id={"type": f"{page}-enforce", "of": version}, className="plain small")
        rows.append(
            html.Tr(
                [
                    html.Td(html.Code(version)),
                    html.Td(str(one["created_at"])[:16].replace("T", " "), className="tight"),
                    html.Td(one["author"]),
                    html.Td(one["comment"], className="wraps"),
                    html.Td([*states] if one["active"] else [show, enforce], className="do"),
                ]
            )
        )
    head = html.Tr(
        [*map(html.Th, ("version", "stored", "by", "comment")), html.Th(html.Span("actions", className="sr"))]
    )
    return html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="plain"), className="scrolls")
