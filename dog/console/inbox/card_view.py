"""A recommendation as a card: what `templates/inbox_card.html` shows."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from dog.console.inbox.actions import Choice, discard_reasons, replacements
from dog.console.texts import N_, _

FULL_BAR = math.log(3)
"""The logarithm of a factor that fills its half of a bar: 3, or 1/3."""
HALF_WIDTH = 50
FACTORS = (
    ("streak", N_("your feedback")),
    ("market", N_("market")),
    ("business", N_("business")),
    ("clamp", N_("bounds")),
)


def describe_card(
    item: Mapping[str, Any], offered: Mapping[str, Any], preview: Callable[[Choice], str]
) -> dict[str, Any]:
    """Return what a card shows of one item.

    Parameters
    ----------
    item
        The item of a list with full explanation.
    offered
        What may replace parts of it: `channels`, `times`, and `products` as pairs of id and name.
    preview
        Returns what a discard with some reason would do.

    """
    attributes = item["attributes"]
    return {
        "product_id": item["product_id"],
        "name": str(attributes["product"]),
        "rank": item["rank"],
        "by": " · ".join(str(attributes[part]) for part in ("channel", "time") if attributes.get(part)),
        "rationale": attributes["rationale"],
        "score": item["score"],
        "chance": item["factors"]["consolidated"],
        "bars": _bars(item["factors"]),
        "reasons": [_menu_line(choice) | {"does": preview(choice)} for choice in discard_reasons(attributes)],
        "replacements": [_menu_line(choice) for choice in replacements(attributes, item["product_id"], offered)],
        "receipt": [*_flat("", item["factors"]), *_flat("inputs", item.get("inputs", {}))],
    }


def _menu_line(choice: Choice) -> dict[str, Any]:
    """Return a line of a menu; `adds` is what it adds to the event."""
    adds = {"reason": choice.reason, "replace": choice.replace}
    return {"key": choice.key, "label": choice.label, "adds": {name: what for name, what in adds.items() if what}}


def _bars(factors: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each factor that differs from 1 as a bar: to the right if it raises the score, else to the left."""
    named = [(_("record"), factors["performance"]["multiplier"])]
    named += [(_(label), factors[name]) for name, label in FACTORS]
    named += [(_("rule %(name)s", name=rule["id"]), rule["factor"]) for rule in factors["rules"]]
    return [_bar(label, factor) for label, factor in named if abs(factor - 1) >= 0.005]


def _bar(label: str, factor: float) -> dict[str, Any]:
    reach = min(abs(math.log(factor)) / FULL_BAR, 1) if factor > 0 else 1
    width = round(reach * HALF_WIDTH, 1)
    return {
        "label": label,
        "factor": factor,
        "raises": factor > 1,
        "width": width,
        "left": HALF_WIDTH if factor > 1 else HALF_WIDTH - width,
    }


def _flat(path: str, value: Any) -> list[tuple[str, str]]:
    """Flatten nested values to lines of path and text."""
    if isinstance(value, Mapping):
        return [line for name, inner in value.items() for line in _flat(f"{path} {name}".strip(), inner)]
    if isinstance(value, list):
        return [line for number, inner in enumerate(value, 1) for line in _flat(f"{path} {number}", inner)]
    if value is None:
        return []
    return [(path, f"{value:.4f}" if isinstance(value, float) else str(value))]
