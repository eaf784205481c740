"""What a receipt says of items that the model start scored: what the scores rest on, the nearest purchases."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dog.core.policy.policy_settings import START
from dog.core.rationale import StartReason
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.rank_request import Ranking
from dog.services.lists.start_contacts import basis_of, events_of


def start_reasons(ranking: Ranking, factors: Sequence[Mapping[str, Any]]) -> list[StartReason | None]:
    """Return the reason of each chosen option, None where the model start did not score it; `factors` are receipts.

    The model's part of each receipt gets `basis` and, by their ids, the `nearest` products that the contact bought.
    """
    reasons: list[StartReason | None] = [None] * len(factors)
    scored = [place for place, factor in enumerate(factors) if START in factor["models"]]
    if not scored:
        return reasons
    model, contacts, ids = ranking.snapshot.start, ContactTable.of([ranking.contact]), ranking.snapshot.catalogue.ids
    bought = events_of(contacts, 0)
    basis = basis_of(model, ranking.contact.record, bought)
    products = ranking.options.products[ranking.ranked.chosen]
    for place in scored:
        nearest = _nearest(ranking, int(products[place]), bought)
        factors[place]["models"][START] |= {"basis": basis.basis, "nearest": [ids[product] for product in nearest]}
        reasons[place] = basis._replace(nearest=[ranking.snapshot.spoken_names[product] for product in nearest])
    return reasons


def _nearest(ranking: Ranking, product: int, bought: np.ndarray) -> list[int]:
    return ranking.snapshot.start.nearest(product, bought) if product < len(ranking.snapshot.start) else []
