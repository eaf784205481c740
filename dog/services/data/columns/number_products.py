"""Numbers of the products that a table names."""

from collections.abc import Sequence

import numpy as np

from dog.services.data.columns.coded_values import Coded
from dog.storage import catalogue
from dog.storage.store import Store

STRETCH_ROWS = 10_000
"""New products are numbered stretch by stretch, in each by their ids."""
IDS_AT_ONCE = 2_000


def number_products(store: Store, product: Coded, good: np.ndarray, first_row: int) -> Sequence[int]:
    """Return the number of each distinct product; those new to the tenant get one if any of their rows is good.

    `good` marks rows, shape (rows,); `first_row` counts the rows of the load before these.
    """
    ids, known = product.values, dict[str, int]()
    for start in range(0, len(ids), IDS_AT_ONCE):
        known |= catalogue.read_numbers(store, ids[start : start + IDS_AT_ONCE])
    if len(known) < len(ids):
        codes, rows = np.unique(product.codes[good], return_index=True)
        stretch = ((np.flatnonzero(good)[rows] + first_row) // STRETCH_ROWS).tolist()
        named = zip(stretch, [ids[code] if code >= 0 else "" for code in codes.tolist()], strict=True)
        new = [one for _, one in sorted(named) if one and one not in known]
        known |= dict(zip(new, catalogue.number_products(store, new) if new else (), strict=True))
    return [known.get(one, 0) for one in ids]
