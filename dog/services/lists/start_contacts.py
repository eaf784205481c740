"""What the model `start` knows of contacts: their events, whether other scores know of them, what its own rest on."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dog.core.iso_weeks import SECOND_MS
from dog.core.offers import is_won, latest_last
from dog.core.policy.policy_settings import START
from dog.core.rationale import StartReason
from dog.models.start.start_model import SEGMENT, StartModel
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.read_contact import NO_OUTCOMES, NO_PURCHASES
from dog.services.lists.snapshot import Snapshot


def basis_of(model: StartModel, record: Mapping[str, Any] | None, events: np.ndarray) -> StartReason:
    """Return what the scores of a contact rest on, given its record and its `events_of`."""
    segment = str((record or {}).get(SEGMENT) or "")
    known = segment if model.knows_segment(segment) else ""
    return StartReason(purchases=len(events), segment=known, nearest=())


def events_of(contacts: ContactTable, place: int) -> np.ndarray:
    """Return the products that a contact bought or took from an offer, each once, the latest last."""
    bought, ledger = contacts.purchases.get(place, NO_PURCHASES), contacts.outcomes.get(place, NO_OUTCOMES)
    products, times = bought["product"].astype(np.int64), bought["last"].astype(np.int64) * SECOND_MS
    if len(ledger):
        won = ledger[is_won(ledger)]
        products = np.concatenate([products, won["product"].astype(np.int64)])
        times = np.concatenate([times, won["at"].astype(np.int64)])
    return latest_last(products[np.lexsort((products, times))])


def first_event_ms(snapshot: Snapshot) -> float:
    """Return when the first purchase or win of the tenant occurred, as the last training saw it; never: infinity."""
    return float(snapshot.models.get(START, {}).get("first_event_ms", np.inf))


def scored_before_first_event(contacts: ContactTable, as_of_ms: np.ndarray, tenant_first_ms: float) -> list[int]:
    """Return the places of the contacts whose scores were made before their first event: they know nothing of it.

    `as_of_ms` is the newest date of each contact's scores of products, 0 where it has none. Where the tenant holds no
    event before that date (`tenant_first_ms` is its first), the contact may have earlier ones that were never loaded.
    Of a product bought twice the first purchase is not known. Such contacts are left out.
    """
    return [
        place
        for place in contacts.purchases.keys() | contacts.outcomes.keys()
        if tenant_first_ms < as_of_ms[place] < _first_event_ms(contacts, place)
    ]


def _first_event_ms(contacts: ContactTable, place: int) -> float:
    """Return when the first purchase or win of a contact occurred; 0 where that is not known, or there was none."""
    bought, ledger = contacts.purchases.get(place), contacts.outcomes.get(place)
    first_ms = np.inf
    if bought is not None:
        if (bought["count"] != 1).any():
            return 0.0
        first_ms = float(bought["last"].min()) * SECOND_MS
    if ledger is not None:
        won_ms = ledger["at"][is_won(ledger)]
        first_ms = min(first_ms, float(won_ms.min())) if len(won_ms) else first_ms
    return 0.0 if first_ms == np.inf else first_ms
