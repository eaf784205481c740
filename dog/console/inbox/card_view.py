"""A recommendation as a card: what `templates/inbox_card.html` shows."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from dog.console.inbox.actions import Choice, discard_reasons, replacements
from dog.console.inbox.rationale_words import rationale_words
from dog.console.inbox.receipt_words import describe_chance, describe_factors, describe_result, probability
from dog.console.texts import _, number


def describe_card(
    item: Mapping[str, Any],
    offered: Mapping[str, Any],
    preview: Callable[[Choice], str],
    usual: float | None = None,
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
    usual
        Share of all offers that win; None where it is not known.

    """
    attributes, chance = item["attributes"], probability(item)
    return {
        "product_id": item["product_id"],
        "name": str(attributes["product"]),
        "rank": item["rank"],
        "ways": [way for part in ("channel", "time") if (way := _way(item, part, offered))],
        "rationale": rationale_words(attributes["rationale"]),
        "chance": None if chance is None else describe_chance(chance, usual),
        "factors": describe_factors(item),
        "result": describe_result(item),
        "reasons": [_menu_line(choice) | {"does": preview(choice)} for choice in discard_reasons(attributes)],
        "replacements": [_menu_line(choice) for choice in replacements(attributes, item["product_id"], offered)],
        "receipt": orjson.dumps([*_flat("", item["factors"]), *_flat("inputs", item["inputs"])]).decode(),
    }


def _menu_line(choice: Choice) -> dict[str, Any]:
    """Return a line of a menu; `adds` is what it adds to the event."""
    adds = {"reason": choice.reason, "replace": choice.replace}
    return {"key": choice.key, "label": choice.label, "adds": {name: what for name, what in adds.items() if what}}


def _way(item: Mapping[str, Any], part: str, offered: Mapping[str, Any]) -> dict[str, str] | None:
    """Return channel or time with the reason why; None where the item has none."""
    value = item["attributes"].get(part)
    if not value:
        return None
    chosen = item["inputs"].get("choices", {}).get(part, {})
    return {"value": str(value), "why": _why(str(value), chosen, list(offered[f"{part}s"]))}


def _why(value: str, chosen: Mapping[str, Any], allowed: list[str]) -> str:
    """Return why a value was chosen; `chosen` is empty where nothing was learned of the values."""
    record = chosen.get("contact") or chosen.get("segment")
    if chosen.get("because") == "record" and record:
        numbers = {name: number(round(record[name]), "#,##0") for name in ("wins", "pitches", "expected")}
        return _("wins more often: %(wins)s of %(pitches)s, expected %(expected)s", **numbers)
    if len(allowed) == 1:
        return _("the only one")
    if chosen.get("because") == "verdict" or (allowed and value != allowed[0]):
        return _("the others were refused")
    return _("the first choice")


def _flat(path: str, value: Any) -> list[tuple[str, str]]:
    """Flatten nested values to lines of path and text."""
    if isinstance(value, Mapping):
        return [line for name, inner in value.items() for line in _flat(f"{path} {name}".strip(), inner)]
    if isinstance(value, list):
        return [line for place, inner in enumerate(value, 1) for line in _flat(f"{path} {place}", inner)]
    if value is None:
        return []
    return [(path, f"{value:.4f}" if isinstance(value, float) else str(value))]
