"""Transactions as the models read them: who bought what on which day before a cut-off."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dog.errors import NotReady

SECONDS_PER_DAY = 86_400

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Purchases:
    """Purchases before a cut-off, one row a contact, product and day: several baskets a day are one purchase.

    Parameters
    ----------
    contact_ids, product_ids
        Sorted ids, shapes (contacts,) and (products,): everybody who ever bought, everything ever bought.
    contact, product
        Place of each purchase's ids in them, shape (purchases,).
    age_days
        Whole days from the purchase to the cut-off, shape (purchases,), at least 0: 0 is the last 24 hours.
    amount
        Money spent, shape (purchases,); what is negative in the source counts 0.

    """

    contact_ids: NDArray[np.object_]
    product_ids: NDArray[np.object_]
    contact: NDArray[np.int64]
    product: NDArray[np.int64]
    age_days: NDArray[np.int64]
    amount: Floats


def purchases_before(transactions: pd.DataFrame, cutoff: pd.Timestamp) -> Purchases:
    """Take the purchases before a cut-off.

    Parameters
    ----------
    transactions
        Columns contact_id, product_id, occurred_at (with offset), quantity, amount. Rows whose quantity is
        not above 0 are corrections, no purchases, and are left out; how large a quantity is never matters.
    cutoff
        First instant that is not known.

    Returns
    -------
    The purchases, ordered by contact, product and day.

    Raises
    ------
    NotReady
        There is no purchase before the cut-off.

    """
    known = transactions.loc[(transactions["occurred_at"] < cutoff) & (transactions["quantity"] > 0)]
    if known.empty:
        raise NotReady(f"there is no purchase before {cutoff.isoformat()}; load transactions first")
    seconds = (cutoff - known["occurred_at"]).dt.total_seconds().to_numpy()
    rows = pd.DataFrame(
        {
            "contact": pd.Categorical(known["contact_id"]),
            "product": pd.Categorical(known["product_id"]),
            # just before the cut-off is day 0, exactly 24 hours before it too
            "age_days": np.ceil(seconds / SECONDS_PER_DAY).astype(np.int64) - 1,
            "amount": known["amount"].fillna(0).clip(lower=0).to_numpy(np.float64),
        }
    )
    days = rows.groupby(["contact", "product", "age_days"], observed=True, as_index=False)["amount"].sum()
    return Purchases(
        contact_ids=days["contact"].cat.categories.to_numpy(object),
        product_ids=days["product"].cat.categories.to_numpy(object),
        contact=days["contact"].cat.codes.to_numpy(np.int64),
        product=days["product"].cat.codes.to_numpy(np.int64),
        age_days=days["age_days"].to_numpy(np.int64),
        amount=days["amount"].to_numpy(np.float64),
    )


def known_earlier(purchases: Purchases, days: int) -> Purchases:
    """Go back in time: the purchases as they were known so many whole days before the cut-off.

    Contacts and products keep their places; those not yet seen by then have no rows.
    """
    old = purchases.age_days >= days
    return replace(
        purchases,
        contact=purchases.contact[old],
        product=purchases.product[old],
        age_days=purchases.age_days[old] - days,
        amount=purchases.amount[old],
    )


def count_matrix(purchases: Purchases, weights: Floats | None = None) -> Floats:
    """Count purchases by contact and product.

    Parameters
    ----------
    purchases
        What was bought.
    weights
        What each purchase counts, shape (purchases,); None: 1.

    Returns
    -------
    Counts, shape (contacts, products), 0 where never bought.

    """
    shape = (len(purchases.contact_ids), len(purchases.product_ids))
    cell = purchases.contact * shape[1] + purchases.product
    return np.bincount(cell, weights, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)


def visits(purchases: Purchases) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Sum up purchases to visits, one a contact and day.

    Returns
    -------
    Place of the contact, age in whole days, and amount of each visit, each of shape (visits,); ordered by
    contact, the oldest last.

    """
    width = int(purchases.age_days.max(initial=0)) + 1
    keys, place = np.unique(purchases.contact * width + purchases.age_days, return_inverse=True)
    amount = np.bincount(place, purchases.amount, minlength=len(keys)).astype(np.float64)
    return keys // width, keys % width, amount
