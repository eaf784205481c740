"""Which weeks the weekly job has to do."""

from datetime import tzinfo

from dog.core.iso_weeks import format_week, week_of
from dog.errors import InvalidInput
from dog.storage.ledgers import earliest_outcome_ms
from dog.storage.store import Store
from dog.storage.versions import read_weeks


def due_weeks(store: Store, now_ms: int, zone: tzinfo, until: int | None = None) -> list[int]:
    """List the weeks that have ended and are not published, in order, up to the last ended or the named one.

    Raises
    ------
    InvalidInput
        The named week has not ended.

    """
    last = week_of(now_ms, zone) - 1
    if until is not None and until > last:
        raise InvalidInput(f"week {format_week(until)} has not ended; the last that has is {format_week(last)}")
    published = read_weeks(store)
    first = max(published) + 1 if published else _first_week(store, zone, last)
    return list(range(first, (last if until is None else until) + 1))


def _first_week(store: Store, zone: tzinfo, last: int) -> int:
    earliest_ms = earliest_outcome_ms(store)
    return last if earliest_ms is None else min(last, week_of(earliest_ms, zone))
