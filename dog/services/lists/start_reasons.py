"""What a receipt says of items that the model start scored: what the scores rest on, the nearest purchases."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import orjson

from dog.core.policy.policy_settings import START
from dog.core.rationale import StartReason
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.rank_request import Ranking
from dog.services.lists.start_contacts import basis_of, events_of
from dog.services.lists.winners import Winners

RAW_START = f"raw.{START}"


class StartReasons(NamedTuple):
    """Of each chosen option: what its rationale tells (None: start did not score it), and fields of its receipt."""

    reasons: Sequence[StartReason | None]
    columns: Mapping[str, Sequence[bytes]]  # `basis`, and `nearest`: ids of purchases


def start_reasons(ranking: Ranking, winners: Winners) -> StartReasons:
    """Return why the model start scored the chosen options as it did."""
    nothing = {"basis": [b"null"] * len(winners), "nearest": [b"null"] * len(winners)}
    if RAW_START not in winners.names:
        return StartReasons([None] * len(winners), nothing)
    is_scored = (~np.isnan(winners.number(RAW_START))).tolist()
    if not any(is_scored):
        return StartReasons([None] * len(winners), nothing)
    model, contacts, ids = ranking.snapshot.start, ContactTable.of([ranking.contact]), ranking.snapshot.catalogue.ids
    bought = events_of(contacts, 0)
    basis = basis_of(model, ranking.contact.record, bought)
    nearest = [
        _nearest(ranking, product, bought) if scored else []
        for product, scored in zip(winners.products, is_scored, strict=True)
    ]
    names = ranking.snapshot.spoken_names
    reasons = [
        basis._replace(nearest=tuple(names[product] for product in near)) if scored else None
        for near, scored in zip(nearest, is_scored, strict=True)
    ]
    columns = {
        "basis": [orjson.dumps(basis.basis)] * len(winners),
        "nearest": [orjson.dumps([ids[product] for product in near]) for near in nearest],
    }
    return StartReasons(reasons, columns)


def _nearest(ranking: Ranking, product: int, bought: np.ndarray) -> list[int]:
    return ranking.snapshot.start.nearest(product, bought) if product < len(ranking.snapshot.start) else []
