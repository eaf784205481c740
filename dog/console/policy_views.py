"""What several pages show of policies: their names, versions, differences, and what a preview found."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
import orjson
from dash import html

from dog.console.session import runtime, tenant
from dog.console.widgets import nothing_here, table
from dog.services.publishing.publish_policy import list_policy_versions
from dog.storage.policy_versions import active_policies, read_default_policy, read_policy_versions

MAX_VERSIONS = 12


def policy_names() -> list[str]:
    """Return the names of the active policies, the default first."""
    store = runtime().store(tenant())
    default = read_default_policy(store)
    return sorted(active_policies(store), key=lambda name: (name != default, name))


def no_policy() -> Any:
    """Show that no policy is active."""
    return nothing_here("No policy is active; put one into rules/ and start again.")


def policy_title(page: str, heading: str, names: Sequence[str], **state: Any) -> Any:
    """Show a page's heading, a line for its state, and the choice of a policy."""
    return html.Div(
        [
            html.Div([html.H1(heading), html.P(id=f"{page}-state", className="quiet", **state)]),
            dmc.SegmentedControl(id=f"{page}-name", data=names, value=names[0], **{"aria-label": "Policy"}),
        ],
        className="title",
    )


def read_document(name: str, version: str | None = None) -> tuple[str, dict[str, Any]]:
    """Read a version of a policy, by default the active one; return the version and its document."""
    store = runtime().store(tenant())
    wanted = version or active_policies(store)[name]
    document: dict[str, Any] = read_policy_versions(store, name)[wanted]["document"]
    return wanted, document


def describe_preview(found: Mapping[str, Any]) -> Any:
    """Show what a policy would change, lists first."""
    lists = f"{found['lists_changed']} of {found['contacts']} lists change"
    places = f"{found['top_k_exchanged']:.1%} of their places"
    correlation = found["rank_correlation"]
    order = "" if correlation is None else f"; the order of what stays correlates by {correlation:.3f}"
    lines = [html.P([html.Strong(lists), f", {places}{order}."])]
    for what in ("products", "categories"):
        changes = [*found[what]["gain"].items(), *found[what]["lose"].items()]
        if changes:
            shown = ", ".join(f"{name} {change:+d}" for name, change in changes)
            lines.append(html.P([html.Span(f"{what}: ", className="quiet"), shown]))
    for rule_id, outcome in found["rules"].items():
        if "note" in outcome:
            lines.append(html.P([html.Code(rule_id), f" {outcome['note']}."], className="warned"))
    lines += [html.P(f"{one['pointer']}: {one['message']}", className="warned") for one in found["warnings"]]
    return html.Div(lines, className="told")


def describe_differences(differences: Sequence[Mapping[str, Any]]) -> Any:
    """List where two documents differ: the pointer, the old value, the new value."""
    if not differences:
        return html.P("The same as the version in force.", className="quiet")
    lines = [
        html.Li([html.Code(one["pointer"]), _value(html.Del, one["before"]), _value(html.Ins, one["after"])])
        for one in differences
    ]
    return html.Ul(lines, className="differences")


def _value(element: Any, value: Any) -> Any:
    return None if value is None else element(orjson.dumps(value).decode()[:300])


def versions_table(name: str, page: str) -> Any:
    """List the newest versions of a policy, with buttons that show or activate them."""
    versions = list_policy_versions(runtime(), tenant(), name)[:MAX_VERSIONS]
    heads = ("version", "stored", "by", "comment", html.Span("actions", className="sr"))
    return table(heads, [_version_row(one, page) for one in versions])


def _version_row(one: Mapping[str, Any], page: str) -> list[Any]:
    version = one["version"]
    buttons = [
        html.Button("Show", id={"type": f"{page}-show", "of": version}, className="plain small"),
        html.Button("Put in force", id={"type": f"{page}-enforce", "of": version}, className="plain small"),
    ]
    return [
        html.Td(html.Code(version)),
        html.Td(str(one["created_at"])[:16].replace("T", " "), className="tight"),
        html.Td(one["author"]),
        html.Td(one["comment"], className="wraps"),
        html.Td([html.Span("in force", className="badge")] if one["active"] else buttons, className="do"),
    ]
