"""The verdicts page: verdicts that act beyond one contact, with votes, effect and end, and a button that lifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import MATCH, Dash, Input, Output, State, ctx, dcc, html, no_update, set_props

from dog.console.session import allows, require, runtime, tenant
from dog.console.verdict_words import end_day
from dog.console.widgets import count, nothing_here, table
from dog.core.iso_weeks import DAY_MS
from dog.core.verdicts.cross_contact import SCOPES
from dog.services.feedback.list_verdicts import MOST_TOUCHED, lift_verdict, list_verdicts
from dog.services.feedback.verdict_scopes import RESTS
from dog.services.lists.snapshot import Snapshots
from dog.storage.api_keys import list_keys
from dog.storage.contacts import read_records

PAGE_ROWS = 25
FIRST_NAMES = 3
HEADS = ("acts on", "what", "effect", "until", "votes", "contacts", "products", html.Span("actions", className="sr"))
ABOUT = "Verdicts on the market, on business needs and on an account act beyond their contact, from some votes on."
NONE_YET = "There are none: no verdict of the last months is about the market, a business need or an account."
Row = Mapping[str, Any]


def show() -> Any:
    """Return the page's components; a callback fills the table."""
    require("read")
    return html.Div(
        [
            html.Div([html.Div([html.H1("Verdicts"), html.P(ABOUT, className="quiet")])], className="title"),
            html.P(id="verdicts-told", role="status", className="good"),
            html.Div(id="verdicts-table"),
            html.Div(
                [
                    html.Button("First page", id="verdicts-first", className="plain", hidden=True),
                    html.Button("Next page", id="verdicts-next", className="plain", hidden=True),
                ],
                className="actions below",
            ),
            dcc.Store(id="verdicts-cursor"),
        ]
    )


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @app.callback(
        Output("verdicts-table", "children"),
        Output("verdicts-cursor", "data"),
        Output("verdicts-first", "hidden"),
        Output("verdicts-next", "hidden"),
        Input("verdicts-first", "n_clicks"),
        Input("verdicts-next", "n_clicks"),
        State("verdicts-cursor", "data"),
    )
    def open_page(_: int | None, __: int | None, cursor: str | None) -> tuple[Any, ...]:
        require("read")
        begins = cursor if ctx.triggered_id == "verdicts-next" else None
        found = list_verdicts(runtime(), tenant(), cursor=begins, limit=PAGE_ROWS)
        return _table(found["items"]), found["next_cursor"], begins is None, found["next_cursor"] is None

    @app.callback(
        Output({"type": "verdicts-lifted", "of": MATCH}, "children"),
        Input({"type": "verdicts-lift", "of": MATCH}, "n_clicks"),
        prevent_initial_call=True,
    )
    def lift(clicks: int | None) -> Any:
        require("admin")
        if not clicks or not isinstance(ctx.triggered_id, dict):
            return no_update
        lift_verdict(runtime(), tenant(), ctx.triggered_id["of"])
        set_props("verdicts-told", {"children": "Lifted: the votes given until now no longer count. Later ones do."})
        return html.Span("lifted", className="badge")


def _table(rows: Sequence[Row]) -> Any:
    if not rows:
        return nothing_here(NONE_YET)
    store = runtime().store(tenant())
    contacts = read_records(store, sorted({contact for row in rows for contact in row["contacts"]}))
    catalogue = runtime().shared(Snapshots).get(store).catalogue
    names = _Names(
        contacts={contact_id: str(record.get("name") or contact_id) for contact_id, record in contacts.items()},
        products={
            product_id: str(record.get("name") or product_id)
            for product_id, record in zip(catalogue.ids, catalogue.records, strict=True)
        },
        keys={f"key {key.key_id}": key.name or key.key_id for key in list_keys(runtime().redis, tenant())},
    )
    return html.Section(table(HEADS, [_row(row, names) for row in rows]), className="card")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """Names of what the rows mention, by id; of keys by voter."""

    contacts: Mapping[str, str]
    products: Mapping[str, str]
    keys: Mapping[str, str]


def _row(row: Row, names: _Names) -> list[Any]:
    is_account = row["scope"] == "account"
    what = "all its contacts" if is_account else f"category {row['subject']}"
    voters = html.Div(_voters(row, names.keys), className="quiet small")
    return [
        html.Td(html.Strong(scope_title(row)), className="wraps"),
        html.Td([what, html.Div("" if is_account else row["trigger"], className="quiet small")], className="wraps"),
        html.Td(_effect(row)),
        html.Td(_end(row), className="tight"),
        html.Td([_votes(row), voters], className="wraps"),
        html.Td(_touched(row["contacts"], names.contacts, "contact"), className="wraps"),
        html.Td(_touched(row["products"], names.products, "product"), className="wraps"),
        html.Td(_lift_button(row), id={"type": "verdicts-lifted", "of": row["id"]}, className="do"),
    ]


def scope_title(row: Row) -> str:
    """Return where a row's votes act, as a title: Segment gold, Everybody, Ann's lists, Account a1."""
    scope, within = row["scope"], row["within"]
    if scope == "segment":
        return f"Segment {within}" if within else "Contacts without a segment"
    if scope == "actor":
        return f"{within}'s lists"
    return f"Account {row['subject']}" if scope == "account" else "Everybody"


def _effect(row: Row) -> str:
    if not row["acts"]:
        return "none yet"
    if row["factor"] == RESTS:
        return "rests"
    return f"{'lowers' if row['direction'] == 'against' else 'raises'} ×{row['factor']:.2f}"


def _end(row: Row) -> str:
    return end_day(row["until"], runtime().today(), runtime().settings.zone) if row["until"] else ""


def _votes(row: Row) -> str:
    """Return the votes of those needed: 1 of 2 against."""
    direction = row["direction"] if row["votes"] else "either way"
    return f"{row['votes']} of {row['needed']} {direction}"


def _voters(row: Row, keys: Mapping[str, str]) -> str:
    """Return who gave the votes that count, each with its number where it has several, and those for the subject."""
    lasts_ms, now_ms = SCOPES[row["scope"]].lasts_days * DAY_MS, runtime().clock()
    told = []
    for one in row["voters"]:
        given_ms = datetime.fromisoformat(one["at"]).timestamp() * 1000
        if one["weight"] and given_ms + lasts_ms > now_ms:
            name = keys.get(one["voter"], one["voter"].removeprefix("actor "))
            several = f" ({abs(one['weight'])})" if abs(one["weight"]) > 1 else ""
            told.append(name + several + (" for it" if one["weight"] > 0 else ""))
    return f"by {', '.join(told)}" if told else ""


def _touched(ids: Sequence[str], names: Mapping[str, str], noun: str) -> Any:
    """Show how many contacts or products verdicts are about, the first names, and the others when opened."""
    if not ids:
        return ""
    shown = [names.get(one, one) for one in ids]
    total = f"at least {MOST_TOUCHED} {noun}s" if len(ids) >= MOST_TOUCHED else count(len(ids), noun)
    first = html.Div([total, html.Div(", ".join(shown[:FIRST_NAMES]), className="quiet small")])
    if len(shown) <= FIRST_NAMES:
        return first
    rest = ", ".join(shown[FIRST_NAMES:])
    return [first, html.Details([html.Summary(f"{len(shown) - FIRST_NAMES} more"), html.Div(rest, className="small")])]


def _lift_button(row: Row) -> Any:
    if not allows("admin"):
        return None
    about = scope_title(row) if row["scope"] == "account" else f"{row['subject']}, {scope_title(row)}"
    named = {"aria-label": f"Lift: {about}"}
    return html.Button("Lift", id={"type": "verdicts-lift", "of": row["id"]}, className="plain small", **named)
