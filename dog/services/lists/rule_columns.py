"""What rules read of contacts: their attributes and past events."""

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np

from dog.core.events import EVENT_TYPES, EventType
from dog.core.iso_weeks import DAY_MS
from dog.core.records import NO_PRODUCT, pair_keys
from dog.core.rulebook.apply_rules import RuleColumns
from dog.core.rulebook.columns import TextColumn, encode
from dog.core.rulebook.effect_context import EventCounts, EventWindow
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.contact_table import ContactTable, end_to_end
from dog.services.lists.list_request import ListRequest
from dog.services.lists.options import Options
from dog.services.lists.read_contact import NO_OUTCOMES
from dog.services.lists.snapshot import Snapshot


def gather_rule_columns(
    active: ActivePolicy,
    contacts: ContactTable,
    options: Options,
    request: ListRequest,
    now_ms: int,
    today: date,
    event_counts: EventCounts,
) -> RuleColumns:
    """Return what the policy's rules read of contacts, request and past events."""
    history: dict[str, np.ndarray] = {}
    if active.columns & {"win_rate", "pitches", "wins"}:
        history = _record(options)
    for kind, event_type in EVENT_TYPES.items():
        if f"days_since.{kind}" in active.columns:
            history[f"days_since.{kind}"] = _days_since(contacts, options, event_type, now_ms)
    return RuleColumns(
        today=today,
        attributes={name: contacts.attribute(name) for name in active.columns if name.startswith("contact.")},
        context=request.context,
        history=history,
        event_counts=event_counts,
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


def _days_since(contacts: ContactTable, options: Options, event_type: EventType, now_ms: int) -> np.ndarray:
    """Return the days since the last event of a type of each option's pair, NaN where there was none."""
    days = np.full(len(options.products), np.nan)
    for place, ledger in contacts.ledgers(event_type).items():
        first, end = options.starts[place : place + 2].tolist()
        events = ledger[ledger["type"] == event_type]
        last = dict(zip(events["product"].tolist(), events["at"].tolist(), strict=True))  # the latest overwrites
        for product, at_ms in last.items():
            if product != NO_PRODUCT:
                days[first:end][options.products[first:end] == product] = max(0, now_ms - at_ms) / DAY_MS
    return days


def count_events(
    windows: Iterable[EventWindow],
    snapshot: Snapshot,
    contacts: ContactTable,
    options: Options,
    now_ms: int,
    by_product: Mapping[EventWindow, np.ndarray],
) -> EventCounts:
    """Count past events in each window that rules limit, for each option; counts by product are given."""
    counts = {}
    for window in windows:
        if window.by == "product":
            counts[window] = by_product[window][options.products]
        elif len(contacts) == 1:
            counts[window] = _count(window, snapshot, contacts, options.products, now_ms)
        else:
            counts[window] = _count_of_many(window, snapshot, contacts, options, now_ms)
    return counts


def _count_of_many(
    window: EventWindow, snapshot: Snapshot, contacts: ContactTable, options: Options, now_ms: int
) -> np.ndarray:
    """Count the events in a window of each option's contact, as `_count` does for one contact, shape (options,)."""
    event_type, counts = EVENT_TYPES[window.event], np.zeros(len(options.products), np.int64)
    ledgers = contacts.ledgers(event_type)
    if not ledgers:
        return counts
    ledger = end_to_end(ledgers, next(iter(ledgers.values())).dtype)
    owner = np.repeat(list(ledgers), [len(own) for own in ledgers.values()])
    recent = _is_recent(window, ledger, now_ms)
    owner, products = owner[recent], ledger["product"][recent]
    has_events = np.zeros(len(contacts), bool)
    has_events[owner] = True
    of_option = np.repeat(np.arange(len(contacts)), np.diff(options.starts))
    places = np.flatnonzero(has_events[of_option])
    of_option, wanted = of_option[places], options.products[places]
    if window.by == "contact":
        counts[places] = np.bincount(owner, minlength=len(contacts))[of_option]
        return counts
    if window.by == "category":
        known = products < len(snapshot.catalogue)
        numbers = np.unique(snapshot.categories, return_inverse=True)[1]
        owner, products, wanted = owner[known], numbers[products[known]], numbers[wanted]
    counts[places] = _matches(pair_keys(of_option, wanted), pair_keys(owner, products))
    return counts


def _count(
    window: EventWindow, snapshot: Snapshot, contact: ContactTable, products: np.ndarray, now_ms: int
) -> np.ndarray:
    """Count one contact's events in a window, shape (options,), or (1,) where all options have the same count."""
    ledger = contact.ledgers(EVENT_TYPES[window.event]).get(0, NO_OUTCOMES)
    recent = ledger["product"][_is_recent(window, ledger, now_ms)]
    if window.by == "contact":
        return np.array([len(recent)])
    if window.by == "pair":
        return _matches(products, recent)
    known = recent[recent < len(snapshot.catalogue)]
    return _matches(snapshot.categories[products], snapshot.categories[known])


def _is_recent(window: EventWindow, ledger: np.ndarray, now_ms: int) -> np.ndarray:
    """Mark the events that a window counts."""
    since = ledger["at"].astype(np.int64) > now_ms - window.days * DAY_MS
    return np.asarray((ledger["type"] == EVENT_TYPES[window.event]) & since)


def _matches(wanted: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Count the events of each wanted key."""
    if not len(events):
        return np.zeros(len(wanted), np.int64)
    ordered = np.sort(events)
    return ordered.searchsorted(wanted, "right") - ordered.searchsorted(wanted)
