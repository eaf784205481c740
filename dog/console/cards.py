"""A recommendation as a card: product, channel, rationale, factors as bars, action buttons, receipt."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from dash import html

from dog.console.actions import Choice, discard_reasons, replacements

FULL_BAR = math.log(3)
"""The logarithm of a factor that fills its half of a bar: 3, or 1/3."""
FACTORS = (
    ("streak", "your feedback"),
    ("market", "market"),
    ("business", "business"),
    ("clamp", "bounds"),
)


def card(item: Mapping[str, Any], offered: Mapping[str, Any], does: Callable[[Choice], str], round_: str) -> Any:
    """Show one item; assets/keys.js presses the button whose `data-key` is typed.

    `does` says what a discard with some reason would do.
    """
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
                className="card-actions",
            ),
            _menu("reasons", "Why?", "discard", discard_reasons(attributes), about, does),
            _menu("substitutes", "What instead?", "restructure", replacements(attributes, product_id, offered), about),
            receipt(item),
        ],
        key=f"{round_}:{product_id}",
        className="card option",
        tabIndex=0,
        **{"aria-label": f"{item['rank']}: {name}. {by}. {attributes['rationale']}", "data-item": product_id},
    )


def _button(label: str, key: str, what: str, about: Mapping[str, str]) -> Any:
    return html.Button(
        [label, html.Kbd(key, **{"aria-hidden": "true"})],
        **{"data-key": key, "data-do": what, "data-with": "", **about},
    )


def _opener(label: str, key: str, menu: str) -> Any:
    shown = [label, html.Kbd(key, **{"aria-hidden": "true"})]
    return html.Button(shown, **{"data-key": key, "data-opens": menu, "aria-expanded": "false"})


def _menu(
    name: str,
    question: str,
    what: str,
    choices: Sequence[Choice],
    about: Mapping[str, str],
    does: Callable[[Choice], str] | None = None,
) -> Any:
    lines = [
        html.Button(
            [html.Kbd(choice.key, **{"aria-hidden": "true"}), *_described(choice, does)],
            **{"data-key": choice.key, "data-do": what, "data-with": choice.key, **about},
        )
        for choice in choices
    ]
    shown = lines or [html.P("Nothing else is on offer; discard it instead.", className="quiet")]
    return html.Div([html.P(question, className="asks"), *shown], role="group", className=f"menu {name}")


def _described(choice: Choice, does: Callable[[Choice], str] | None) -> list[Any]:
    """Return a choice's label, and below it what it would do."""
    if does is None:
        return [choice.label]
    return [html.Span([choice.label, html.Span(does(choice), className="does")])]


def bars(factors: Mapping[str, Any]) -> Any:
    """Draw each factor that differs from 1 as a bar: to the right if it raises the score, else to the left."""
    named = [("record", factors["performance"]["multiplier"])]
    named += [(label, factors[name]) for name, label in FACTORS]
    named += [(f"rule {rule['id']}", rule["factor"]) for rule in factors["rules"]]
    rows = [_bar(label, factor) for label, factor in named if abs(factor - 1) >= 0.005]
    chance = html.Li(
        [html.Span("models", className="of"), html.Span(f"{factors['consolidated']:.3f}", className="is")],
        className="chance",
    )
    return html.Ul([chance, *rows], className="bars numbers")


def _bar(label: str, factor: float) -> Any:
    reach = min(abs(math.log(factor)) / FULL_BAR, 1) if factor > 0 else 1
    side = {"left": "50%"} if factor > 1 else {"right": "50%"}
    bar = html.Span(style={"width": f"{reach * 50:.1f}%", **side}, className="up" if factor > 1 else "down")
    moves = "lifts" if factor > 1 else "lowers"
    return html.Li(
        [
            html.Span(label, className="of"),
            html.Span(bar, className="bar", **{"aria-hidden": "true"}),
            html.Span([html.Span(f"{moves} by ", className="sr"), f"×{factor:.2f}"], className="is"),
        ]
    )


def receipt(item: Mapping[str, Any]) -> Any:
    """Show everything the score was computed from; assets/keys.js shows it when it is opened."""
    rows = [*_flat("", item["factors"]), *_flat("inputs", item.get("inputs", {}))]
    summary = html.Summary(["Receipt", html.Kbd("o", **{"aria-hidden": "true"})])
    return html.Details(summary, **{"data-receipt": orjson.dumps(rows).decode()})


def _flat(path: str, value: Any) -> list[tuple[str, str]]:
    """Flatten nested values to lines of path and text."""
    if isinstance(value, Mapping):
        return [line for name, inner in value.items() for line in _flat(f"{path} {name}".strip(), inner)]
    if isinstance(value, list):
        return [line for number, inner in enumerate(value, 1) for line in _flat(f"{path} {number}", inner)]
    if value is None:
        return []
    return [(path, f"{value:.4f}" if isinstance(value, float) else str(value))]
