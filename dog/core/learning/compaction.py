"""Compaction: the outcomes of archived weeks become one record a pair; no count changes."""

import numpy as np

from dog.core.events import EventType
from dog.core.learning.event_states import OPEN, event_states
from dog.core.learning.ledger_chunk import outcome_pairs
from dog.core.records import CARRIED, OUTCOME


def carry_forward(ledger: np.ndarray, closed_ms: int, matured_ms: int) -> tuple[np.ndarray, np.ndarray]:
    """Fold the outcomes of closed weeks into one carried record a product.

    Parameters
    ----------
    ledger
        One contact's records of `dog.core.records.OUTCOME`, shape (events,), in the order of
        (occurred_at, event_id), carried ones first.
    closed_ms
        First instant after the last closed week; what occurred before it is folded.
    matured_ms
        Pitches from this instant on may still be open; they stay.

    Returns
    -------
    The new ledger, carried records first, and a mask of the old one's events that leave it, shape (events,).
    Two kinds of old pitches stay: those that an event after the closed weeks has settled, so that it finds them
    again, and those not matured yet. A later win of any other implies a pitch of its own.

    """
    carried_before = ledger["type"] == EventType.CARRIED
    order = np.argsort(ledger["product"], kind="stable")
    events = ledger[order][~carried_before[order]]
    closed = events["at"].astype(np.int64) < closed_ms
    open_then = _open(events[closed])
    open_now = _open(events)[closed]
    at = events["at"][closed].astype(np.int64)
    stays = open_then & (~open_now | (at >= matured_ms))
    leaving = np.zeros(len(events), bool)
    leaving[np.flatnonzero(closed)[~stays]] = True
    if not leaving.any():
        return ledger, np.zeros(len(ledger), bool)
    lost = np.zeros(len(events), bool)
    lost[np.flatnonzero(closed)[open_now & ~stays]] = True
    carried = _carry(ledger[carried_before], events[leaving], lost[leaving])
    mask = np.zeros(len(ledger), bool)
    mask[order[~carried_before[order]][leaving]] = True
    return np.concatenate([carried, ledger[~mask & ~carried_before]]), mask


def _open(events: np.ndarray) -> np.ndarray:
    """Mark the pitches that nothing has settled; events are sorted by product, then time."""
    if not len(events):
        return np.zeros(0, bool)
    starts = np.flatnonzero(np.diff(events["product"].astype(np.int64), prepend=-1))
    pair = outcome_pairs(starts, len(events))
    return np.asarray(event_states(events, pair, np.ones(len(events), bool)) == OPEN)


def _carry(before: np.ndarray, events: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """Add the events that leave the ledger to the records carried before, one record a product."""
    old = before.astype(OUTCOME).view(CARRIED)
    products, place = np.unique(np.concatenate([old["product"], events["product"]]), return_inverse=True)
    of_old, of_event = place[: len(old)], place[len(old) :]
    scored = (events["type"] == EventType.PITCH) & ~np.isnan(events["score"])
    sums = {
        "wins": events["type"] == EventType.WIN,
        "losses": (events["type"] == EventType.LOSS) | lost,
        "scored": scored,
        "expected": np.where(scored, events["score"].astype(np.float64), 0.0),
    }
    carried = np.zeros(len(products), CARRIED)
    carried["product"], carried["type"] = products, EventType.CARRIED
    for name, values in sums.items():
        total = np.bincount(of_event, weights=values, minlength=len(products))
        carried[name] = total + np.bincount(of_old, weights=old[name], minlength=len(products))
    return carried.view(OUTCOME)
