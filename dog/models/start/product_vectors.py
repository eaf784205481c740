"""Vectors of products: products that the same contacts bought lie near each other."""

from contextlib import suppress

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import ArpackError, eigsh

from dog.models.start.taste import Floats

DIMENSION = 16
CONSTANT = 10.0
"""Contacts by which the similarity of two products is shrunk towards 0."""
LEAST_NORM = 1e-3
LEAST_LANCZOS = 200
"""Products from which on only the largest eigenvectors are computed; of fewer all take milliseconds."""
SEED = 0


def product_vectors(bought: sparse.csr_matrix, *, dimension: int = DIMENSION, constant: float = CONSTANT) -> Floats:
    """Return a vector of each product, shape (products, dimension), centred, with mean square 1.

    `bought` has a 1 where a contact bought a product, shape (contacts, products). The similarity of two products is the
    number of contacts that bought both, over the root of the product of their buyers plus `constant`; the vectors are
    its largest eigenvectors, each so that its largest entry is positive.
    """
    both = np.asarray((bought.T @ bought).todense(), np.float64)
    buyers = np.diag(both)
    similarity = both / (np.sqrt(np.outer(buyers, buyers)) + constant)
    np.fill_diagonal(similarity, 0.0)
    np.fill_diagonal(similarity, similarity.max(axis=1, initial=0.0))
    values, directions = _largest_eigenvectors(similarity, min(dimension, len(similarity)))
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(len(values))])
    vectors = directions * signs * np.sqrt(np.maximum(values, 0.0))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + LEAST_NORM
    vectors -= vectors.mean(axis=0)
    return np.asarray(vectors / np.sqrt(np.maximum((vectors**2).mean(), 1e-12)))


def _largest_eigenvectors(symmetric: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the largest eigenvalues, the largest first, and their eigenvectors, shape (size, count).

    Of large matrices only these are computed, by the Lanczos method from a fixed start; where it finds no answer, as
    for a matrix of zeros, and of small matrices all.

    References
    ----------
    Lehoucq, Sorensen, Yang 1998, "ARPACK Users' Guide".
    """
    if len(symmetric) >= LEAST_LANCZOS:
        start = np.random.default_rng(SEED).normal(size=len(symmetric))
        with suppress(ArpackError):
            return _descending(*eigsh(symmetric, count, which="LA", v0=start))
    values, vectors = _descending(*np.linalg.eigh(symmetric))
    return values[:count], vectors[:, :count]


def _descending(values: Floats, vectors: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(-values, kind="stable")
    return values[order], vectors[:, order]
