"""What rules read of contacts: their attributes and past events."""

from collections.abc import Mapping
from datetime import date

import numpy as np

from dog.core.events import EVENT_TYPES
from dog.core.kernels.past_events import (
    BY_CATEGORY,
    BY_CONTACT,
    BY_PAIR,
    BY_PRODUCT,
    count_past_events,
    days_since_last,
)
from dog.core.rulebook.apply_rules import RuleColumns
from dog.core.rulebook.columns import TextColumn, encode
from dog.core.rulebook.effect_context import EventWindow
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.list_request import ListRequest
from dog.services.lists.options import Options
from dog.services.lists.snapshot import Snapshot

PAIR_COLUMNS = frozenset({"win_rate", "pitches", "wins"})
BY = {"contact": BY_CONTACT, "pair": BY_PAIR, "category": BY_CATEGORY, "product": BY_PRODUCT}


def gather_rule_columns(
    active: ActivePolicy,
    snapshot: Snapshot,
    contacts: ContactTable,
    options: Options,
    request: ListRequest,
    *,
    now_ms: int,
    today: date,
    by_product: Mapping[EventWindow, np.ndarray],
) -> RuleColumns:
    """Return what the policy's rules read of contacts, request and past events; counts by product are given."""
    wanted, windows = active.columns, active.plan.rulebook.limits
    history: dict[str, np.ndarray] = _record(options) if wanted & PAIR_COLUMNS else {}
    dated = [kind for kind in EVENT_TYPES if f"days_since.{kind}" in wanted]
    counts: dict[EventWindow, np.ndarray] = {}
    if windows or dated:
        events, bounds = contacts.events()
        described = [(EVENT_TYPES[window.event], BY[window.by], window.days) for window in windows]
        numbers = snapshot.category_numbers
        found = count_past_events(
            events,
            bounds,
            options.starts,
            options.products,
            numbers,
            np.array(described, np.int64).reshape(-1, 3),
            now_ms,
        )
        counts = dict(zip(windows, found, strict=True))
        counts |= {window: by_product[window][options.products] for window in windows if window.by == "product"}
        kinds = np.array([EVENT_TYPES[kind] for kind in dated], np.int64)
        days = days_since_last(events, bounds, options.starts, options.products, kinds, len(numbers) - 1, now_ms)
        history |= {f"days_since.{kind}": row for kind, row in zip(dated, days, strict=True)}
    return RuleColumns(
        today=today,
        attributes={name: contacts.attribute(name) for name in wanted if name.startswith("contact.")},
        context=request.context,
        history=history,
        event_counts=counts,
    )


def mixes_text_and_numbers(active: ActivePolicy, contacts: ContactTable) -> bool:
    """Return whether a column that conditions read is text for some of the contacts and a number for others."""
    for name in active.columns:
        if name.startswith("contact."):
            values = contacts.attribute(name)
            one_of_each_type = dict(zip(map(type, values), values, strict=True))
            one_of_each_type.pop(type(None), None)
            if len({isinstance(encode([value]), TextColumn) for value in one_of_each_type.values()}) > 1:
                return True
    return False


def _record(options: Options) -> dict[str, np.ndarray]:
    """Return wins and pitches of each option's pair; its win rate is null before the first resolved pitch."""
    count = len(options.products)
    wins, resolved, pitches = (np.zeros(count) for _ in range(3))
    own = options.pair_places >= 0
    pairs = options.pairs[options.pair_places[own]]
    wins[own] = pairs["wins"]
    resolved[own] = pairs["wins"] + pairs["losses"]
    pitches[own] = resolved[own] + pairs["pending"]
    rate = np.divide(wins, resolved, out=np.full(count, np.nan), where=resolved > 0)
    return {"wins": wins, "pitches": pitches, "win_rate": rate}
