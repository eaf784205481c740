"""Give moved pairs their names back."""

from collections.abc import Sequence

import orjson

from dog.services.weekly.movement import Move
from dog.storage.catalogue import read_catalogue
from dog.storage.contacts import read_arrays
from dog.storage.store import Store


def name_pairs(store: Store, moves: Sequence[Move]) -> list[tuple[str, str, Move]]:
    """Look up contact and product of each moved pair."""
    ids = read_catalogue(store).ids
    records = read_arrays(store, "contacts", "", [move.contact for move in moves])
    return [
        (orjson.loads(record or b"{}").get("contact_id", "?"), ids[move.product], move)
        for record, move in zip(records, moves, strict=True)
    ]
