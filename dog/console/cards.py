"""A recommendation as a card: what, how, why, the factors as bars, the keys, and the whole receipt."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from dash import html

from dog.console.actions import Choice, reasons, substitutes

WIDEST = math.log(3)
"""A factor of 3 or of 1/3 fills its half of a bar."""
FACTORS = (
    ("streak", "your feedback"),
    ("discomfort", "discomfort"),
    ("market", "market"),
    ("business", "business"),
    ("clamp", "bounds"),
)


def card(item: Mapping[str, Any], offered: Mapping[str, Any], round_: str) -> Any:
    """Show one item; it can be focused, and its buttons carry the key that presses them."""
    attributes, product_id = item["attributes"], item["product_id"]
    name = str(attributes["product"])
    by = " · ".join(str(attributes[part]) for part in ("channel", "time") if attributes.get(part))
    about = {"data-item": product_id, "data-name": name}
    return html.Article(
        [
            html.Div(
                [
                    html.Span(str(item["rank"]), className="rank", **{"aria-hidden": "true"}),
                    html.Div([html.H2(name), html.P(by, className="by") if by else None], className="what"),
                    html.Span(f"{item['score']:.3f}", className="score numbers", title="score"),
                ],
                className="head",
            ),
            html.P(attributes["rationale"], className="why"),
            bars(item["factors"]),
            html.Div(
                [
                    _button("Accept", "a", "accept", about),
                    _opener("Discard", "d", "reasons"),
                    _opener("Restructure", "r", "substitutes"),
                ],
                className="deeds",
            ),
            _menu("reasons", "Why?", "discard", reasons(attributes), about),
            _menu("substitutes", "What instead?", "restructure", substitutes(attributes, product_id, offered), about),
            receipt(item),
        ],
        key=f"{round_}:{product_id}",
        className="card option",
        tabIndex=0,
        **{"aria-label": f"{item['rank']}: {name}. {by}. {attributes['rationale']}", "data-item": product_id},
    )


def _button(says: str, key: str, what: str, about: Mapping[str, str]) -> Any:
    return html.Button(
        [says, html.Kbd(key, **{"aria-hidden": "true"})], **{"data-key": key, "data-do": what, "data-with": "", **about}
    )


def _opener(says: str, key: str, menu: str) -> Any:
    shown = [says, html.Kbd(key, **{"aria-hidden": "true"})]
    return html.Button(shown, **{"data-key": key, "data-opens": menu, "aria-expanded": "false"})


def _menu(name: str, asks: str, what: str, choices: Sequence[Choice], about: Mapping[str, str]) -> Any:
    lines = [
        html.Button(
            [html.Kbd(choice.key, **{"aria-hidden": "true"}), choice.says],
            **{"data-key": choice.key, "data-do": what, "data-with": choice.key, **about},
        )
        for choice in choices
    ]
    shown = lines or [html.P("Nothing else is on offer; discard it instead.", className="quiet")]
    return html.Div([html.P(asks, className="asks"), *shown], role="group", className=f"menu {name}")


def bars(factors: Mapping[str, Any]) -> Any:
    """Draw each factor that does something as a small bar: to the right it lifts, to the left it lowers."""
    told = [("record", factors["performance"]["multiplier"])]
    told += [(says, factors[name]) for name, says in FACTORS]
    told += [(f"rule {rule['id']}", rule["factor"]) for rule in factors["rules"]]
    rows = [_bar(says, factor) for says, factor in told if abs(factor - 1) >= 0.005]
    chance = html.Li(
        [html.Span("models", className="of"), html.Span(f"{factors['consolidated']:.3f}", className="is")],
        className="chance",
    )
    return html.Ul([chance, *rows], className="bars numbers")


def _bar(says: str, factor: float) -> Any:
    reach = min(abs(math.log(factor)) / WIDEST, 1) if factor > 0 else 1
    side = {"left": "50%"} if factor > 1 else {"right": "50%"}
    bar = html.Span(style={"width": f"{reach * 50:.1f}%", **side}, className="up" if factor > 1 else "down")
    moves = "lifts" if factor > 1 else "lowers"
    return html.Li(
        [
            html.Span(says, className="of"),
            html.Span(bar, className="bar", **{"aria-hidden": "true"}),
            html.Span([html.Span(f"{moves} by ", className="sr"), f"×{factor:.2f}"], className="is"),
        ]
    )


def receipt(item: Mapping[str, Any]) -> Any:
    """Keep everything the score was made from, folded away; keys.js lays it out when it is opened."""
    rows = [*_flat("", item["factors"]), *_flat("inputs", item.get("inputs", {}))]
    summary = html.Summary(["Receipt", html.Kbd("o", **{"aria-hidden": "true"})])
    return html.Details(summary, **{"data-receipt": orjson.dumps(rows).decode()})


def _flat(place: str, value: Any) -> list[tuple[str, str]]:
    """Lay nested numbers out as lines, each with its path."""
    if isinstance(value, Mapping):
        return [line for name, inner in value.items() for line in _flat(f"{place} {name}".strip(), inner)]
    if isinstance(value, list):
        return [line for number, inner in enumerate(value, 1) for line in _flat(f"{place} {number}", inner)]
    if value is None:
        return []
    return [(place, f"{value:.4f}" if isinstance(value, float) else str(value))]
