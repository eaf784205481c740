"""What happened before an analyst's example, as limits and `days_since` see it."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from dog.core.policy.policy_settings import Example, PastEvent
from dog.core.rulebook.effect_context import EventCounts, EventWindow


def count_past(windows: Iterable[EventWindow], example: Example) -> EventCounts:
    """Count an example's past events in each window that the rules limit, as serving counts a contact's.

    Parameters
    ----------
    windows
        Of the rulebook.
    example
        One option of one contact; its history is that contact's.

    Returns
    -------
    One count a window, shape (1,). Windows by `product` are over all contacts, of whom an example knows
    nothing: they count 0.

    """
    return {
        window: np.array([sum(_counts(window, event, example) for event in example.history)], np.int64)
        for window in windows
    }


def days_since(example: Example) -> Mapping[str, Any]:
    """Tell the days since the last event of each type of the example's own pair, by full column name."""
    last: dict[str, float] = {}
    for event in example.history:
        if _product(event, example) is not None and _product(event, example) == example.columns.get("product.id"):
            name = f"days_since.{event.type}"
            last[name] = min(last.get(name, event.days_ago), event.days_ago)
    return last


def _counts(window: EventWindow, event: PastEvent, example: Example) -> bool:
    if event.type != window.event or event.days_ago >= window.days or window.by == "product":
        return False
    if window.by == "pair":
        return _product(event, example) == example.columns.get("product.id")
    return window.by == "contact" or _category(event, example) == example.columns.get("product.category")


def _product(event: PastEvent, example: Example) -> Any:
    return example.columns.get("product.id") if event.product is None else event.product


def _category(event: PastEvent, example: Example) -> Any:
    """Take the category as given; the option's own product has the option's category."""
    same = _product(event, example) == example.columns.get("product.id")
    return example.columns.get("product.category") if event.category is None and same else event.category
