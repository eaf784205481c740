"""The inbox page: one contact's recommendations, handled with the keyboard."""

from functools import partial
from typing import Any

import dash_mantine_components as dmc
import orjson
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update, set_props

from dog.console.actions import describe_effect, discard_reasons, record_verdict, replacements
from dog.console.cards import card
from dog.console.discard_previews import preview_discard, read_before
from dog.console.session import author, require, runtime, tenant
from dog.console.verdict_words import end_day, rest_words, substitute_words
from dog.console.widgets import count, nothing_here
from dog.services.feedback.record_feedback import retract_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.pairs.worklist import describe_contact, find_contacts, list_choices, next_contact

SHOWN = 8
SPARE = 4
VERBS = {"accept": "Accepted", "discard": "Discarded", "restructure": "Restructured"}
KEYS = (
    ("j", "next card"),
    ("k", "card before"),
    ("a", "accept"),
    ("d", "discard, then the reason"),
    ("r", "restructure, then what instead"),
    ("o", "open the receipt"),
    ("u", "undo"),
    ("n", "next contact"),
    ("/", "search"),
)


def show() -> Any:
    """Return the page's components; the first contact with something to do is loaded at once."""
    search = dmc.TextInput(
        id="search",
        label="Find a contact by name or id",
        labelProps={"className": "sr"},
        placeholder="Find a contact",
        debounce=250,
        inputProps={"autoComplete": "off"},
    )
    following = html.Button(["Next contact", html.Kbd("n")], className="main", **{"data-do": "next"})
    keys = html.Dl([html.Div([html.Dt(html.Kbd(key)), html.Dd(does)]) for key, does in KEYS], className="keys")
    done = [html.H2("Done here"), html.Ol(id="done", className="done")]
    head = [
        html.Div(id="contact", className="contact"),
        html.Div([search, following], className="find"),
        html.Div(id="found", className="found"),
    ]
    columns = [
        html.Div(id="options", className="options"),
        html.Aside([*done, html.Details([html.Summary("Keys"), keys], open=True)]),
    ]
    return html.Div(
        [
            dcc.Store(id="work", data={}),
            dcc.Store(id="action", data={"do": "next"}),
            html.Div(id="said", className="said", role="status", **{"aria-live": "polite"}),
            html.Div(head, className="who-next"),
            html.Div(columns, className="columns"),
        ],
        className="inbox",
    )


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @app.callback(
        Output("work", "data"),
        Output("contact", "children"),
        Output("options", "children"),
        Output("done", "children"),
        Output("said", "children"),
        Input("action", "data"),
        State("work", "data"),
    )
    def act(action: dict[str, Any], work: dict[str, Any]) -> tuple[Any, ...]:
        require("feedback")
        said = _apply(action, work)
        if action["do"] == "open":
            set_props("search", {"value": ""})
            set_props("found", {"children": []})
        shown = _options(work) if work.get("contact_id") else []
        is_new = action["do"] in ("next", "open")
        answered = html.Span(str(action.get("n", 0)), className="answered", hidden=True)
        return (
            work,
            [answered, *_contact(work)],
            shown or _nothing_left(work),
            _done_list(work),
            _announcement(work, len(shown)) if is_new else html.Span(said, key=str(action.get("n"))) if said else "",
        )

    @app.callback(Output("found", "children"), Input("search", "value"), prevent_initial_call=True)
    def find(text: str) -> Any:
        require("feedback")
        if ctx.triggered_id is None:
            return no_update
        found, complete = find_contacts(runtime(), tenant(), text or "")
        if text and not found:
            says = "Nobody by that name or id." if complete else "There are too many contacts; give the whole id."
            return html.P(says, className="quiet")
        return [
            html.Button(
                [name, html.Span(contact_id, className="quiet small")],
                **{"data-do": "open", "data-item": contact_id},
            )
            for contact_id, name in found.items()
        ]


def _apply(action: dict[str, Any], work: dict[str, Any]) -> str:
    """Apply one action to the current contact's work; return the message to show."""
    if action["do"] in ("next", "open"):
        if action["do"] == "open":
            wanted = action.get("item")
        else:
            wanted = next_contact(runtime(), tenant(), work.get("contact_id"), actor_id=author())
        work.clear()
        work.update(contact_id=wanted, decision_id=None, listed=[], done=[], round=0, rests=None)
        return ""
    if not work.get("contact_id"):
        return ""
    work["round"] += 1
    if action["do"] == "undo":
        if not work["done"]:
            return "There is nothing to undo here."
        last = work["done"].pop()
        retract_feedback(runtime().store(tenant()), last["event_id"])
        return f"Taken back: {last['name']}."
    return _record(action, work)


def _record(action: dict[str, Any], work: dict[str, Any]) -> str:
    item, what = action["item"], action["do"]
    if any(done["item"] == item for done in work["done"]):
        return ""
    more: dict[str, Any] = {}
    if item in work["listed"]:
        more["decision_id"] = work["decision_id"]
    known = work["known"][item]
    if what == "discard":
        chosen = next(one for one in discard_reasons(known["attributes"]) if one.key == action["with"])
        more |= {"reason": dict(chosen.reason)} if chosen.reason else {}
    elif what == "restructure":
        offers = replacements(known["attributes"], item, work["offered"])
        chosen = next(one for one in offers if one.key == action["with"])
        more["replace"] = dict(chosen.replace or {})
    result = record_verdict(work["contact_id"], item, what, more)
    names = {"product": action["name"], "contact": work["name"]}
    said = describe_effect(VERBS[what], result, **names, reader=author(), day=_day)
    if result["status"] != "rejected":
        work["done"].append({"event_id": result["event_id"], "item": item, "name": action["name"], "said": said})
    return said + _instead(result.get("substitute"), item, work)


def _instead(substitute: dict[str, Any] | None, refused: str, work: dict[str, Any]) -> str:
    """Return the sentence that offers a substitute; empty where there is none, or its verdict is given already."""
    if substitute is None:
        return ""
    contact_id = substitute["attributes"].get("contact") or work["contact_id"]
    if contact_id != work["contact_id"]:
        return f" {substitute_words(substitute, _name_of(contact_id))}"
    is_done = substitute["product_id"] in {done["item"] for done in work["done"]} - {refused}
    return "" if is_done else f" {substitute_words(substitute)}"


def _name_of(contact_id: str) -> str:
    return str(describe_contact(runtime(), tenant(), contact_id).get("name") or contact_id)


def _day(until: str) -> str:
    return end_day(until, runtime().today(), runtime().settings.zone)


def _options(work: dict[str, Any]) -> list[Any]:
    """Rank what is left; only a contact's first list is kept as a decision and counts a lap."""
    first = work["decision_id"] is None
    request = ListRequest(
        contact_id=work["contact_id"],
        k=SHOWN + SPARE,
        explain="full",
        context={"actor_id": author()},
        dry_run=not first,
        exclude=[done["item"] for done in work["done"]],
    )
    body = orjson.loads(recommend(runtime(), tenant(), request).body)
    if first:
        work["decision_id"] = body["decision_id"]
        work["listed"] = [item["product_id"] for item in body["items"]]
    work["rests"] = rest_words(body["notes"], _day)
    before = read_before(work["contact_id"])
    record, items = dict(before.contact.record or {}), body["items"]
    work["name"] = str(record.get("name") or work["contact_id"])
    work["offered"] = {
        "channels": list_choices(runtime(), tenant(), record, "channels"),
        "times": list_choices(runtime(), tenant(), record, "times"),
        "products": [(item["product_id"], str(item["attributes"]["product"])) for item in items[:4]],
    }
    work["known"] = {item["product_id"]: {"attributes": item["attributes"]} for item in items[:SHOWN]}
    round_ = f"{work['decision_id']}:{work['round']}"
    return [card(item, work["offered"], partial(preview_discard, before, item), round_) for item in items[:SHOWN]]


def _contact(work: dict[str, Any]) -> list[Any]:
    if not work.get("contact_id"):
        return [html.H1("Inbox")]
    record = describe_contact(runtime(), tenant(), work["contact_id"])
    told = [work["contact_id"], *(str(record[name]) for name in ("account_id", "segment") if record.get(name))]
    told = list(dict.fromkeys(told))
    return [html.H1(str(record.get("name") or work["contact_id"])), html.P(" · ".join(told), className="quiet")]


def _announcement(work: dict[str, Any], shown: int) -> Any:
    """Announce the contact to screen readers."""
    if not work.get("contact_id"):
        return ""
    return html.P(f"{work['name']}: {count(shown, 'recommendation')}", className="sr", key=work["contact_id"])


def _nothing_left(work: dict[str, Any]) -> Any:
    if work.get("rests"):
        return nothing_here(f"{work['rests']} Press n for the next contact.")
    if work.get("contact_id"):
        return nothing_here("Nothing is left to do for this contact. Press n for the next one.")
    return nothing_here(
        "Every contact has had a list this week, rests, or has nothing to offer. "
        "Find one by name, or come back on Monday."
    )


def _done_list(work: dict[str, Any]) -> list[Any]:
    lines = [html.Li(done["said"]) for done in reversed(work.get("done", []))]
    if not lines:
        return [html.Li("Nothing yet.", className="quiet")]
    undo = html.Button(["Undo the last", html.Kbd("u")], className="plain", **{"data-do": "undo"})
    return [*lines, html.Li(undo)]
