"""What the models read and write: purchases before a cut-off by contact, product and day; scores as rows."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dog.errors import NotReady

SECONDS_PER_DAY = 86_400

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchases:
    """Purchases before a cut-off, one row per contact, product and day: several baskets a day are one purchase.

    `contact_ids` and `product_ids` are the sorted ids of all that ever bought or were bought; `contact` and `product`
    index them. `age_days` are whole days from the purchase to the cut-off, 0 for the last 24 hours; negative amounts
    count 0.
    """

    contact_ids: NDArray[np.object_]
    product_ids: NDArray[np.object_]
    contact: NDArray[np.int64]
    product: NDArray[np.int64]
    age_days: NDArray[np.int64]
    amount: Floats


def purchases_before(transactions: pd.DataFrame, cutoff: pd.Timestamp) -> Purchases:
    """Select the purchases before a cut-off, ordered by contact, product and day; `NotReady` where there is none.

    `transactions` has the columns contact_id, product_id, occurred_at (with offset), quantity and amount. Rows whose
    quantity is not above 0 are corrections and are left out; the size of a quantity is ignored. `cutoff` is the first
    instant after the data.
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
    """Return the purchases known `days` whole days before the cut-off; contacts and products keep their indexes."""
    old = purchases.age_days >= days
    return replace(
        purchases,
        contact=purchases.contact[old],
        product=purchases.product[old],
        age_days=purchases.age_days[old] - days,
        amount=purchases.amount[old],
    )


def count_matrix(purchases: Purchases, weights: Floats | None = None) -> Floats:
    """Count purchases by contact and product, weighted with `weights`; shape (contacts, products)."""
    shape = (len(purchases.contact_ids), len(purchases.product_ids))
    cell = purchases.contact * shape[1] + purchases.product
    return np.bincount(cell, weights, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)


def visits(purchases: Purchases) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Sum purchases to visits, one per contact and day, ordered by contact, the oldest last.

    Returns index of the contact, age in whole days, and amount of each visit, each of shape (visits,).
    """
    width = int(purchases.age_days.max(initial=0)) + 1
    keys, place = np.unique(purchases.contact * width + purchases.age_days, return_inverse=True)
    amount = np.bincount(place, purchases.amount, minlength=len(keys)).astype(np.float64)
    return keys // width, keys % width, amount


@dataclass(frozen=True, slots=True)
class PairScores:
    """A model's value of every contact and product that it knows: a matrix of shape (contacts, products)."""

    purchases: Purchases = field(repr=False)
    matrix: Floats = field(repr=False)

    def score(self) -> pd.DataFrame:
        """Return the matrix as rows contact_id, product_id, score."""
        contacts, products = self.matrix.shape
        return pd.DataFrame(
            {
                "contact_id": pd.Series(self.purchases.contact_ids, dtype="str").repeat(products).array,
                "product_id": pd.Series(np.tile(self.purchases.product_ids, contacts), dtype="str"),
                "score": self.matrix.ravel(),
            }
        )
