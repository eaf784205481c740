"""Features of churn: recency, frequency, monetary value and their trend; and its label."""

import numpy as np
from numpy.typing import NDArray

from dog.models.purchases import Floats, Purchases, visits

CHURN_FEATURES = (
    "recency_days", "visits_14_days", "visits_28_days", "visits_56_days", "visits_history",
    "amount_28_days", "amount_history", "trend", "overdue", "known_days", "product_count",
)  # fmt: skip


def churn_features(purchases: Purchases, history_days: int) -> Floats:
    """Return the columns of `CHURN_FEATURES`, shape (contacts, features).

    `history_days` are the same for all cut-offs, so that they compare. Amounts are in logarithms, so that one huge
    basket weighs little.
    """
    contact, age_days, amount = visits(purchases)
    contact_count = len(purchases.contact_ids)

    def total(inside: NDArray[np.bool_], weights: Floats | None = None) -> Floats:
        chosen = None if weights is None else weights[inside]
        return np.bincount(contact[inside], chosen, minlength=contact_count).astype(np.float64)

    within = {days: total(age_days < days) for days in (14, 28, 56, history_days)}
    recency, known = np.full(contact_count, history_days), np.zeros(contact_count, np.int64)
    np.minimum.at(recency, contact, age_days)
    np.maximum.at(known, contact, np.minimum(age_days, history_days))
    pairs = purchases.contact * len(purchases.product_ids) + purchases.product
    recent_pairs = np.unique(pairs[purchases.age_days < history_days])
    columns = (
        recency,
        *within.values(),
        np.log1p(total(age_days < 28, amount)),
        np.log1p(total(age_days < history_days, amount)),
        (within[28] + 1) / (within[56] - within[28] + 1),
        recency * within[history_days] / np.maximum(known, 1),
        known,
        np.bincount(recent_pairs // len(purchases.product_ids), minlength=contact_count),
    )
    return np.column_stack(columns).astype(np.float64)


def came_back(purchases: Purchases, days: int, ahead_days: int) -> NDArray[np.bool_]:
    """Return who bought in the `ahead_days` that began `days` before the cut-off, shape (contacts,)."""
    inside = (purchases.age_days < days) & (purchases.age_days >= days - ahead_days)
    return np.bincount(purchases.contact[inside], minlength=len(purchases.contact_ids)) > 0
