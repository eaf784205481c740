"""Write arrays of scores so that loads at the same time lose nothing: a script compares what is stored."""

from collections.abc import Sequence

from dog.storage.load_journal import ROWS_PER_CALL, SCORES, journal_key
from dog.storage.store import Store


def write_scores(
    store: Store, model: str, contacts: Sequence[bytes], packed: Sequence[bytes], bases: Sequence[bytes]
) -> list[int]:
    """Write one model's scores of contacts, given their digests; return the places of those that were refused.

    An array is written where the stored one is older, missing, or the one that it was merged from (`bases`, empty for
    none). Of the others another load has written meanwhile: they are to be read and merged again.
    """
    trip = store.trip()
    by_partition = store.tenant.by_partition(zip(contacts, range(len(contacts)), strict=True))
    calls: list[Sequence[int]] = []
    for partition, places in by_partition.items():
        keys = store.keys.partition(partition)
        names = [keys.of(SCORES, model)]
        if store.load:
            names.append(journal_key(keys, store.load, f"{SCORES}-{model}"))
        for start in range(0, len(places), ROWS_PER_CALL):
            some = places[start : start + ROWS_PER_CALL]
            calls.append(some)
            trip.script("write_scores", names, [one for at in some for one in (contacts[at], packed[at], bases[at])])
    return [some[at] for some, refused in zip(calls, trip.send(), strict=True) for at in refused]
