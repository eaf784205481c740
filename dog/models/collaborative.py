"""Collaborative filtering: contacts that bought the same products like the same products."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse
from threadpoolctl import threadpool_limits

from dog.models.purchases import Floats, PairScores, count_matrix, purchases_before


@dataclass(frozen=True, slots=True)
class CollaborativeSettings:
    """Length of the factor vectors, their pull towards 0, and rounds of alternating least squares."""

    factor_count: int = 16
    regularization: float = 10.0
    iteration_count: int = 20

    def __post_init__(self) -> None:
        if self.factor_count < 1 or self.regularization < 0 or self.iteration_count < 1:
            raise ValueError("factor_count and iteration_count must be at least 1, regularization at least 0")


def fit_collaborative(
    transactions: pd.DataFrame,
    cutoff: pd.Timestamp,
    settings: CollaborativeSettings | None = None,
    seed: int = 0,
) -> PairScores:
    """Factorise who bought what before a cut-off; arguments and `NotReady` as in `purchases_before`.

    Returns the affinity of every contact to every product: 0 unlikely, about 1 likely.

    References
    ----------
    Hu, Koren, Volinsky 2008, "Collaborative Filtering for Implicit Feedback Datasets"; confidence grows with
    the logarithm of the number of purchases, their equation 6.
    """
    settings = settings or CollaborativeSettings()
    purchases = purchases_before(transactions, cutoff)
    model = _factorise(sparse.csr_matrix(count_matrix(purchases)), settings, seed)
    with threadpool_limits(1, "blas"):
        affinity = model.user_factors.astype(np.float64) @ model.item_factors.astype(np.float64).T
    return PairScores(purchases, affinity)


def fit_item_factors(bought: sparse.csr_matrix) -> Floats:
    """Return the factors of products, shape (products, factors), given how often contacts bought them."""
    return _factorise(bought, CollaborativeSettings(), seed=0).item_factors.astype(np.float64)


def _factorise(counts: sparse.csr_matrix, settings: CollaborativeSettings, seed: int) -> AlternatingLeastSquares:
    # one BLAS thread: sums are in one order, so the result is reproducible
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=settings.factor_count,
            regularization=settings.regularization,
            iterations=settings.iteration_count,
            random_state=seed,
            num_threads=1,
        )
        model.fit(counts.log1p().astype(np.float32), show_progress=False)
    return model
