"""Histories of contacts: which products each one bought, in the order of the first time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy import sparse

from dog.models.start.taste import Floats

SEED_OF_TIES = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Products of contacts, contacts end to end; each product once, in the order of its first event.

    Parameters
    ----------
    starts
        Where each contact's products begin, and the end of the last, shape (contacts + 1,).
    products
        Numbers of the products, shape (events,).
    product_count
        Products of the catalogue.

    """

    starts: np.ndarray
    products: np.ndarray
    product_count: int

    @classmethod
    def of(cls, contacts: np.ndarray, products: np.ndarray, times: np.ndarray, counts: tuple[int, int]) -> Self:
        """Return the histories of events, shape (events,) each, in any order.

        `counts` are the numbers of contacts and of products. Events of one instant, such as the lines of a basket, have
        no order: they get a random one, the same each time, so that the order of ids teaches nothing.
        """
        draws = np.random.default_rng(SEED_OF_TIES).random(len(products))
        canonical = np.lexsort((products, contacts, times))
        order = canonical[np.lexsort((draws, times[canonical], contacts[canonical]))]
        contacts, products = contacts[order].astype(np.int64), products[order].astype(np.int64)
        _, first = np.unique(contacts * counts[1] + products, return_index=True)
        first.sort()
        sizes = np.bincount(contacts[first], minlength=counts[0])
        return cls(starts=np.append(0, sizes.cumsum()), products=products[first], product_count=counts[1])

    @classmethod
    def of_lists(cls, lists: Sequence[Sequence[int]], product_count: int) -> Self:
        """Return the histories given as one list of products a contact."""
        starts = np.append(0, np.cumsum([len(own) for own in lists], dtype=np.int64))
        return cls(
            starts=starts,
            products=np.array([product for own in lists for product in own], np.int64),
            product_count=product_count,
        )

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def sizes(self) -> np.ndarray:
        """Number of products of each contact, shape (contacts,)."""
        return np.diff(self.starts)

    @property
    def buyers(self) -> Floats:
        """Number of contacts that bought each product, shape (products,)."""
        return np.bincount(self.products, minlength=self.product_count).astype(np.float64)

    def between(self, first: int, last: int) -> np.ndarray:
        """Return the products at some places of each history, -1 behind its end, shape (contacts, last - first)."""
        places = self.starts[:-1, None] + np.arange(first, last)
        inside = places < self.starts[1:, None]
        padded = np.append(self.products, -1)
        return np.where(inside, padded[np.minimum(places, len(self.products))], -1)

    def select(self, contacts: np.ndarray) -> "Histories":
        """Return the histories of some contacts, by mask or numbers."""
        chosen = np.arange(len(self))[contacts]
        sizes = self.sizes[chosen]
        starts = np.append(0, sizes.cumsum())
        places = np.repeat(self.starts[chosen] - starts[:-1], sizes) + np.arange(starts[-1])
        return Histories(starts=starts, products=self.products[places], product_count=self.product_count)

    def without(self, products: np.ndarray) -> "Histories":
        """Return the histories without some products, by mask of shape (products,)."""
        kept = ~products[self.products]
        contacts = np.repeat(np.arange(len(self)), self.sizes)
        sizes = np.bincount(contacts[kept], minlength=len(self))
        return replace(self, starts=np.append(0, sizes.cumsum()), products=self.products[kept])

    def first(self, event_count: int) -> "Histories":
        """Return the histories up to some number of events."""
        sizes = np.minimum(self.sizes, event_count)
        starts = np.append(0, sizes.cumsum())
        places = np.repeat(self.starts[:-1] - starts[:-1], sizes) + np.arange(starts[-1])
        return replace(self, starts=starts, products=self.products[places])

    def matrix(self) -> sparse.csr_matrix:
        """Return a 1 where a contact bought a product, shape (contacts, products)."""
        shape = (len(self), self.product_count)
        return sparse.csr_matrix((np.ones(len(self.products)), self.products, self.starts), shape=shape)
