"""What rules read of a contact's past and of the arithmetic so far."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from dog.core.events import ANSWERS, EventType
from dog.core.pipeline import Scored
from dog.core.records import NO_PRODUCT
from dog.core.rulebook.columns import Column, encode
from dog.core.rulebook.effect_context import EventCounts, EventWindow
from dog.core.verdicts.triggers import DAY_MS
from dog.services.feedback.event_kinds import KINDS
from dog.services.lists.options import Options
from dog.services.lists.read_contact import ContactState
from dog.services.lists.snapshot import ActivePolicy, Snapshot


def past_columns(
    active: ActivePolicy,
    state: ContactState,
    options: Options,
    places: np.ndarray,
    scored: Scored,
    context: Mapping[str, Any],
    now_ms: int,
) -> dict[str, Column]:
    """Build the columns of conditions beside the product's: contact, context, scores, record, days since.

    What costs something is built only where a condition of the rulebook names it.
    """
    wanted = active.columns
    contact = {**(state.record or {}), "id": (state.record or {}).get("contact_id")}
    columns: dict[str, Column] = {}
    for root, fields in (("contact", contact), ("context", context)):
        columns |= {f"{root}.{name}": encode([fields[name]]) for name in fields if f"{root}.{name}" in wanted}
    columns |= {f"score.{model.name}": options.raw[row] for row, model in enumerate(active.models)}
    columns |= {"consolidated": scored.consolidated, "multiplier": scored.performance}
    if wanted & {"win_rate", "pitches", "wins"}:
        columns |= _record(state, places)
    for name, kind in KINDS.items():
        if f"days_since.{name}" in wanted:
            columns[f"days_since.{name}"] = _days_since(state, options.products, kind, now_ms)
    return columns


def _record(state: ContactState, places: np.ndarray) -> dict[str, Column]:
    """Count wins and pitches of each option's pair; its win rate is null before the first resolved pitch."""
    wins, resolved, pitches = (np.zeros(len(places)) for _ in range(3))
    own = places >= 0
    pairs = state.pairs[places[own]]
    wins[own] = pairs["wins"]
    resolved[own] = pairs["wins"] + pairs["losses"]
    pitches[own] = resolved[own] + pairs["pending"]
    rate = np.divide(wins, resolved, out=np.full(len(places), np.nan), where=resolved > 0)
    return {"wins": wins, "pitches": pitches, "win_rate": rate}


def _ledger(state: ContactState, kind: EventType) -> np.ndarray:
    return state.verdict_ledger if kind in ANSWERS else state.outcome_ledger


def _recent(state: ContactState, kind: EventType, after_ms: int) -> np.ndarray:
    """List the products of the contact's events of a kind after an instant."""
    ledger = _ledger(state, kind)
    return np.asarray(ledger["product"][(ledger["type"] == kind) & (ledger["at"].astype(np.int64) > after_ms)])


def _days_since(state: ContactState, products: np.ndarray, kind: EventType, now_ms: int) -> np.ndarray:
    """Tell the days since the pair's last event of a kind, NaN where there was none."""
    days = np.full(len(products), np.nan)
    ledger = _ledger(state, kind)
    ledger = ledger[ledger["type"] == kind]
    last = dict(zip(ledger["product"].tolist(), ledger["at"].tolist(), strict=True))  # in time order: the last stays
    for product, at in last.items():
        if product != NO_PRODUCT:
            days[products == product] = max(0, now_ms - at) / DAY_MS
    return days


def count_events(
    windows: Iterable[EventWindow],
    snapshot: Snapshot,
    state: ContactState,
    products: np.ndarray,
    now_ms: int,
    of_products: Mapping[EventWindow, np.ndarray],
) -> EventCounts:
    """Count past events in each window that the rules limit, for each option; those by product are given."""
    counts = {}
    for window in windows:
        if window.by == "product":
            counts[window] = of_products[window][products]
            continue
        recent = _recent(state, KINDS[window.event], now_ms - window.days * DAY_MS)
        if window.by == "contact":
            counts[window] = np.array([len(recent)])
        elif window.by == "pair":
            counts[window] = _matches(products, recent)
        else:
            known = recent[recent < len(snapshot.catalogue)]
            counts[window] = _matches(snapshot.categories[products], snapshot.categories[known])
    return counts


def _matches(wanted: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Count the events of each wanted key."""
    if not len(events):
        return np.zeros(len(wanted), np.int64)
    ordered = np.sort(events)
    return ordered.searchsorted(wanted, "right") - ordered.searchsorted(wanted)
