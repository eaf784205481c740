"""What happened before an analyst's example, as limits and `days_since` see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from dog.core.rulebook.effect_context import EventCounts, EventWindow


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event that an example's contact has behind it.

    Parameters
    ----------
    type
        `pitch`, `win`, `loss`, `accept` or `discard`.
    days_ago
        How long before the example, at least 0.
    product, category
        What it was about; `None`: the example's own product, and its category.

    """

    type: str
    days_ago: float
    product: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """An analyst's own test of the rules: one option, and what should become of it.

    Parameters
    ----------
    name
        What it shows.
    columns
        Full column name to value; what is missing is null.
    eligible, factor
        What the rules should say; `None`: not asked.
    on
        Day on which it is asked; `None`: the day of the check.
    history
        What its contact has behind it, in any order.

    """

    name: str
    columns: Mapping[str, Any]
    eligible: bool | None = None
    factor: float | None = None
    on: date | None = None
    history: tuple[PastEvent, ...] = ()


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
