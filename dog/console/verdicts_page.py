"""The verdicts page: verdicts that act beyond one contact, with votes, effect and end, and a button that lifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request

from dog.console.session import require, runtime, tenant
from dog.console.texts import _, ngettext
from dog.core.iso_weeks import DAY_MS
from dog.core.verdicts.cross_contact import SCOPES
from dog.services.feedback.list_verdicts import MOST_TOUCHED, lift_verdict, list_verdicts
from dog.services.feedback.verdict_scopes import RESTS
from dog.services.lists.snapshot import Snapshots
from dog.storage.api_keys import list_keys
from dog.storage.contacts import read_records

PAGE_ROWS = 25
FIRST_NAMES = 3
Row = Mapping[str, Any]

routes = Blueprint("verdicts", __name__)


@routes.get("/verdicts")
def show() -> str:
    """Show one page of verdicts."""
    require("read")
    cursor = request.args.get("cursor")
    found = list_verdicts(runtime(), tenant(), cursor=cursor, limit=PAGE_ROWS)
    names = _read_names(found["items"])
    rows = [_describe(row, names) for row in found["items"]]
    return render_template("verdicts.html", rows=rows, cursor=cursor, next_cursor=found["next_cursor"])


@routes.post("/verdicts/<path:verdict_id>/lift")
def lift(verdict_id: str) -> str:
    """Lift a verdict; answer with what takes the place of its button."""
    require("admin")
    lift_verdict(runtime(), tenant(), verdict_id)
    return render_template("verdict_lifted.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """Names of what the rows mention, by id; of keys by voter."""

    contacts: Mapping[str, str]
    products: Mapping[str, str]
    keys: Mapping[str, str]


def _read_names(rows: Sequence[Row]) -> _Names:
    store = runtime().store(tenant())
    contacts = read_records(store, sorted({contact for row in rows for contact in row["contacts"]}))
    catalogue = runtime().shared(Snapshots).get(store).catalogue
    return _Names(
        contacts={contact_id: str(record.get("name") or contact_id) for contact_id, record in contacts.items()},
        products={product_id: catalogue.name_of(product_id) for row in rows for product_id in row["products"]},
        keys={f"key {key.key_id}": key.name or key.key_id for key in list_keys(runtime().redis, tenant())},
    )


def _describe(row: Row, names: _Names) -> dict[str, Any]:
    """Return a row in words, for the template."""
    is_account = row["scope"] == "account"
    return {
        "id": row["id"],
        "title": scope_title(row),
        "what": _("all its contacts") if is_account else _("category %(name)s", name=row["subject"]),
        "trigger": "" if is_account else row["trigger"],
        "effect": _effect(row),
        "until": int(datetime.fromisoformat(row["until"]).timestamp() * 1000) if row["until"] else None,
        "votes": _votes(row),
        "voters": _voters(row, names.keys),
        "touched": [_touched(row["contacts"], names.contacts, "contact"), _touched(row["products"], names.products)],
        "about": scope_title(row) if is_account else f"{row['subject']}, {scope_title(row)}",
    }


def scope_title(row: Row) -> str:
    """Return where a row's votes act, as a title: Segment gold, Everybody, Ann's lists, Account a1."""
    scope, within = row["scope"], row["within"]
    if scope == "segment":
        return _("Segment %(name)s", name=within) if within else _("Contacts without a segment")
    if scope == "actor":
        return _("Lists of %(name)s", name=within)
    return _("Account %(name)s", name=row["subject"]) if scope == "account" else _("Everybody")


def _effect(row: Row) -> str:
    if not row["acts"]:
        return _("none yet")
    if row["factor"] == RESTS:
        return _("rests")
    lowers = row["direction"] == "against"
    return f"{_('lowers') if lowers else _('raises')} ×{row['factor']:.2f}"


def _votes(row: Row) -> str:
    """Return the votes of those needed: 1 of 2 against."""
    counts = {"votes": row["votes"], "needed": row["needed"]}
    if not row["votes"]:
        return _("%(votes)s of %(needed)s either way", **counts)
    if row["direction"] == "against":
        return _("%(votes)s of %(needed)s against", **counts)
    return _("%(votes)s of %(needed)s for it", **counts)


def _voters(row: Row, keys: Mapping[str, str]) -> str:
    """Return who gave the votes that count, each with its number where it has several, and those for the subject."""
    lasts_ms, now_ms = SCOPES[row["scope"]].lasts_days * DAY_MS, runtime().clock()
    named = []
    for one in row["voters"]:
        given_ms = datetime.fromisoformat(one["at"]).timestamp() * 1000
        if one["weight"] and given_ms + lasts_ms > now_ms:
            name = keys.get(one["voter"], one["voter"].removeprefix("actor "))
            several = f" ({abs(one['weight'])})" if abs(one["weight"]) > 1 else ""
            named.append(name + several + (f" {_('for it')}" if one["weight"] > 0 else ""))
    return _("by %(names)s", names=", ".join(named)) if named else ""


def _touched(ids: Sequence[str], names: Mapping[str, str], noun: str = "product") -> dict[str, Any]:
    """Return how many contacts or products verdicts are about, the first names, and the others."""
    shown = [names.get(one, one) for one in ids]
    if noun == "contact":
        total = ngettext("%(n)s contact", "%(n)s contacts", len(ids))
    else:
        total = ngettext("%(n)s product", "%(n)s products", len(ids))
    at_least = len(ids) >= MOST_TOUCHED
    return {
        "total": (_("at least %(total)s", total=total) if at_least else total) if ids else "",
        "first": ", ".join(shown[:FIRST_NAMES]),
        "others": len(shown) - FIRST_NAMES,
        "rest": ", ".join(shown[FIRST_NAMES:]),
    }
