"""Products that are hidden while the parts are fitted: what the parts then say of the contacts that may buy them."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from dog.models.start.cold_terms import activity_of
from dog.models.start.fold_in import FoldIn
from dog.models.start.start_parts import Factorise, StartParts, TrainingData, fit_parts, likeness_of
from dog.models.start.taste import Floats

MOST_CONTACTS = 2_000
"""Contacts that one product is judged on: a sample of more."""


@dataclass(frozen=True, slots=True)
class HiddenRows:
    """One hidden product with some known buyers: a row for each other contact."""

    features: Floats  # activity, taste, factors, likeness, shape (4, contacts)
    bought: np.ndarray  # shape (contacts,)


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenProducts:
    """The parts fitted without some products, and what they know of the contacts.

    Parameters
    ----------
    item_fold_in
        The contacts' factors; folding buyers into them gives the factors of a product.
    activity, likeness
        Of the contacts, without the hidden products, shape (contacts,) and (contacts, columns).
    encoded_products
        Of all products, the hidden ones too, shape (products, columns).
    bought
        Who bought what, the hidden products too, shape (contacts, products).

    """

    parts: StartParts
    item_fold_in: FoldIn
    activity: Floats
    likeness: Floats
    encoded_products: Floats
    bought: sparse.csc_matrix

    @classmethod
    def of(cls, data: TrainingData, factorise: Factorise, hidden: np.ndarray, warm: np.ndarray) -> "HiddenProducts":
        """Fit the parts without the products of some numbers; `warm` is a mask, shape (products,)."""
        is_hidden = np.zeros(data.histories.product_count, bool)
        is_hidden[hidden] = True
        seen = data.histories.without(is_hidden)
        parts = fit_parts(replace(data, histories=seen), factorise, warm & ~is_hidden)
        return cls(
            parts=parts,
            item_fold_in=FoldIn(parts.folded),
            activity=activity_of(seen.sizes),
            likeness=likeness_of(seen, data.encoded_products),
            encoded_products=data.encoded_products,
            bought=data.histories.matrix().tocsc(),
        )

    def rows(self, product: int, known_buyers: int, chance: np.random.Generator) -> HiddenRows:
        """Return the features of contacts for a hidden product, but for some of its buyers: those are known."""
        bought = np.zeros(len(self.activity), bool)
        bought[self.bought[:, [product]].indices] = True
        buyers = chance.permutation(np.flatnonzero(bought))[: min(known_buyers, int(bought.sum()) - 1)]
        mean = self.parts.cold.means(self.encoded_products[[product]])[0]
        vector = self.parts.cold.update.adapt(mean, len(buyers), self.parts.tastes[buyers].sum(axis=0))
        factors = self.item_fold_in.fold(buyers)
        others = np.setdiff1d(np.arange(len(bought)), buyers)
        if len(others) > MOST_CONTACTS:
            others = np.sort(chance.permutation(others)[:MOST_CONTACTS])
        features = [
            self.activity[others],
            self.parts.tastes[others] @ vector,
            self.parts.folded[others] @ factors,
            self.likeness[others] @ self.encoded_products[product],
        ]
        return HiddenRows(np.stack(features), bought[others])
