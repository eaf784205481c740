"""What became of each event of a ledger, as seen at some instant."""

import numpy as np

from dog.core.kernels.settle_events import LOST, OPEN, WON, settle_events

__all__ = ["LOST", "OPEN", "WON", "event_states", "settling_events"]


def event_states(outcomes: np.ndarray, pair: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return `WON`, `LOST` or `OPEN` for each pitch, `NOTHING` for events without one, shape (events,).

    The arguments are those of `settling_events`.
    """
    return settling_events(outcomes, pair, seen)[0]


def settling_events(outcomes: np.ndarray, pair: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the state of each event, and for pitches that are won or lost the index of the event that settled them.

    The states are `WON`, `LOST` or `OPEN` for each pitch, `NOTHING` for events without one; shape (events,) each.

    Parameters
    ----------
    outcomes
        Records of `dog.core.records.OUTCOME`, shape (events,), grouped by pair, inside a pair in the order of
        (occurred_at, event_id). A win or loss that settles no pitch implies one, and has its result itself.
    pair
        Number of each event's pair, shape (events,).
    seen
        Which events count, shape (events,).

    """
    state, settled_by = np.empty(len(outcomes), np.int8), np.empty(len(outcomes), np.int64)
    kind, event, named = (outcomes[name].copy() for name in ("type", "event", "pitch"))
    settle_events(pair.astype(np.int64, copy=False), kind, event, named, seen, state, settled_by)
    return state, settled_by
