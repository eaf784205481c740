"""For which names events wait in quarantine, and how many of them can be recorded by now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice

from dog.services.feedback.find_unknown_names import find_unknown_names, suggest_products
from dog.services.lists.unknown_names import UnknownName
from dog.services.runtime import Runtime
from dog.storage.quarantine import count_waiting, read_waiting
from dog.storage.store import Store
from dog.storage.tenant_settings import read_unknown_setting

MOST_EVENTS = 5_000
MOST_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingNames:
    """What waits: all events, how many were looked at, the names they wait for, how many can be recorded."""

    events: int
    looked_at: int = 0
    names: Sequence[tuple[UnknownName, int]] = ()
    known: int = 0


def count_waiting_names(runtime: Runtime, store: Store) -> WaitingNames:
    """Return the names for which the first `MOST_EVENTS` waiting events wait, the most frequent first."""
    count = count_waiting(store)
    if not count:
        return WaitingNames(events=0)
    waiting = islice(chain.from_iterable(read_waiting(store)), MOST_EVENTS)
    events = {place: one.event for place, one in enumerate({one.event.event_id: one for one in waiting}.values())}
    takes_all = read_unknown_setting(store) == "accept"
    unknown = {} if takes_all else find_unknown_names(runtime, store, events)
    counts = Counter((one.kind, one.name) for one in unknown.values())
    shown = [UnknownName(kind, name) for (kind, name), _ in counts.most_common(MOST_NAMES)]
    near = suggest_products(runtime, store, dict(enumerate(shown)))
    return WaitingNames(
        events=count,
        looked_at=len(events),
        names=[(near.get(place, one), counts[one.kind, one.name]) for place, one in enumerate(shown)],
        known=len(events) - len(unknown),
    )
