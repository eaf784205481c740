"""Scores as they are stored: one row a contact and product, product empty for a contact's own score."""

import numpy as np
import pandas as pd

from dog.offline.models.purchases import Floats, Purchases


def contact_scores(purchases: Purchases, scores: Floats) -> pd.DataFrame:
    """Write scores of shape (contacts,) as rows contact_id, product_id (empty), score."""
    return pd.DataFrame(
        {"contact_id": purchases.contact_ids.astype(str), "product_id": "", "score": scores},
    )


def pair_scores(purchases: Purchases, scores: Floats) -> pd.DataFrame:
    """Write scores of shape (contacts, products) as rows contact_id, product_id, score."""
    contacts, products = scores.shape
    return pd.DataFrame(
        {
            "contact_id": pd.Series(purchases.contact_ids, dtype="str").repeat(products).array,
            "product_id": pd.Series(np.tile(purchases.product_ids, contacts), dtype="str"),
            "score": scores.ravel(),
        }
    )
