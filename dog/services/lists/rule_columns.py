"""What rules read of contacts: their attributes and past events."""

from collections.abc import Mapping
from datetime import date

import numpy as np

from dog.core.kernels.look_up_pairs import pair_history
from dog.core.kernels.past_events import count_past_events, days_since_last
from dog.core.rulebook.apply_rules import RuleColumns
from dog.core.rulebook.columns import TextColumn, encode
from dog.core.rulebook.effect_context import EventWindow
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.list_request import ListRequest
from dog.services.lists.options import Options
from dog.services.lists.snapshot import Snapshot


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
    tables, options_count = active.plan.tables, len(options.products)
    history: list[np.ndarray] = []
    if tables.reads_pairs:
        history.append(pair_history(options.pairs, options.pair_places))
    counts = np.zeros((len(tables.windows), options_count), np.int64)
    if len(tables.windows) or tables.dated:
        numbers, (events, bounds) = snapshot.category_numbers, contacts.events()
        of = (events, bounds, options.starts, options.products)
        if len(events) and len(tables.windows):
            counts = count_past_events(*of, numbers, tables.windows, now_ms)
        for number, window in enumerate(tables.rulebook.limits):
            if window.by == "product":
                counts[number] = by_product[window].take(options.products)
        if tables.dated:
            history.append(days_since_last(*of, tables.kinds, len(numbers) - 1, now_ms))
    unknown = len(tables.history) - sum(map(len, history))  # columns of models that the policy does not have
    if unknown or not history:
        history.append(np.full((unknown, options_count), np.nan))
    return RuleColumns(
        today=today,
        attributes={name: contacts.attribute(name) for name in tables.of_contact},
        context=request.context,
        history=history[0] if len(history) == 1 else np.concatenate(history),
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
