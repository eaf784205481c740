"""Laps of a served batch, counted once for each contact however often the batch is stopped and continues.

A batch serves the contacts of a partition in the order of their digests. How far it has counted is written with the
laps themselves, atomically: what a killed run kept and did not count is counted by the next.
"""

from collections.abc import Collection, Mapping

from dog.storage.contact_lists import RETENTION_SECONDS
from dog.storage.ids import digest
from dog.storage.store import Store

PLACE_CHARACTERS = 12


def place_of(contact: bytes) -> str:
    """Return the place of a contact in the order of its partition: the first bytes of its digest, as hexadecimals."""
    return contact.hex()[:PLACE_CHARACTERS]


def read_place(store: Store, partition: int, batch_id: str) -> str:
    """Read the last place that a batch has counted in a partition; '' where it has counted none."""
    return (store.execute("GET", _key(store, partition, batch_id)) or b"").decode()


def count_batch_laps(
    store: Store, partition: int, batch_id: str, weeks: Mapping[bytes, str], late: Collection[bytes]
) -> int:
    """Count a lap of each contact behind the batch's place, and move the place to the last; return how many.

    `weeks` holds the week in which each contact's list was made, as 2026-W46; `late` the contacts that are counted
    although the batch had passed their place before.
    """
    if not weeks:
        return 0
    keys, names = store.keys.partition(partition), sorted(set(weeks.values()))
    arguments: list[bytes | str | int] = [RETENTION_SECONDS, max(map(place_of, weeks))]
    for contact, week in weeks.items():
        arguments += [contact, place_of(contact), names.index(week) + 1, int(contact in late)]
    all_keys = [_key(store, partition, batch_id), keys.of("laps"), *(keys.of("laps", name) for name in names)]
    counted: int = store.run_script("count_batch_laps", all_keys, arguments)
    return counted


def _key(store: Store, partition: int, batch_id: str) -> bytes:
    return store.keys.partition(partition).contact("batch", digest(store.tenant.secret, batch_id))
