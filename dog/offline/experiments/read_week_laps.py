"""Read how many laps each contact had in each week that is still known."""

from collections.abc import Sequence
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from dog.core.iso_weeks import format_week, week_of
from dog.offline.evaluation.week_laps import WeekLaps
from dog.storage.store import Store


def read_week_laps(
    store: Store, contact_ids: Sequence[str], week_starts_ms: NDArray[np.int64], zone: tzinfo
) -> WeekLaps | None:
    """Read the laps of some contacts by week; None where they had none.

    Parameters
    ----------
    store, contact_ids
        Whose laps; a contact's number is its place.
    week_starts_ms
        First instants of the weeks, ascending. Laps that were before them, or longer ago than is kept by week, are
        those of week -1.
    zone
        Time zone in which the weeks begin.

    """
    numbers = {store.tenant.contact(contact_id): number for number, contact_id in enumerate(contact_ids)}
    names = [format_week(week_of(int(start_ms), zone)) for start_ms in week_starts_ms]
    rows: list[tuple[int, int, int]] = []
    for partition in range(store.tenant.partition_count):
        trip, keys = store.trip(), store.keys.partition(partition)
        for suffix in ("", *names):
            trip.add("HGETALL", keys.of("laps", suffix))
        whole, *weekly = trip.send()
        earlier = {digest: int(count) for digest, count in whole.items() if digest in numbers}
        for week, counted in enumerate(weekly):
            for digest, count in counted.items():
                if digest in earlier:
                    earlier[digest] -= int(count)
                    rows.append((week, numbers[digest], int(count)))
        rows += [(-1, numbers[digest], count) for digest, count in earlier.items() if count > 0]
    if not rows:
        return None
    week_of_row, contact, laps = np.array(sorted(rows), np.int64).T
    return WeekLaps(contact, week_of_row, laps)
