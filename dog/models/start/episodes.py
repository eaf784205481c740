"""Episodes: histories cut after k events; what came next is what a good score ranks first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dog.models.start.histories import Histories
from dog.models.start.taste import Floats

WANTED = 10
"""Events after the cut that are to be found, and places of a list that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episodes:
    """Contacts with their first k events, and the next ten.

    Parameters
    ----------
    contacts
        Numbers of the contacts that have an event after the cut, shape (episodes,).
    known
        Their first k products, shape (episodes, k).
    wanted
        Which products they bought next, shape (episodes, products).
    open
        Which products they had not bought before the cut: only these are ranked, shape (episodes, products).

    """

    contacts: np.ndarray
    known: np.ndarray
    wanted: np.ndarray
    open: np.ndarray

    @property
    def event_count(self) -> int:
        """The k of the cut."""
        return self.known.shape[1]


def cut(histories: Histories, event_count: int) -> Episodes:
    """Cut histories after some events; contacts without a later event are left out.

    Examples
    --------
    >>> found = cut(Histories.of_lists([[0, 1], [2]], 3), 1)
    >>> found.contacts.tolist(), found.known.tolist(), found.wanted.tolist()
    ([0], [[0]], [[False, True, False]])

    """
    contacts = np.flatnonzero(histories.sizes > event_count)
    own = histories.select(contacts)
    known, later = own.between(0, event_count), own.between(event_count, event_count + WANTED)
    wanted = _mark(later, histories.product_count)
    return Episodes(contacts=contacts, known=known, wanted=wanted, open=~_mark(known, histories.product_count))


def _mark(products: np.ndarray, product_count: int) -> np.ndarray:
    marked = np.zeros((len(products), product_count + 1), bool)  # the last column takes the -1
    np.put_along_axis(marked, products, values=True, axis=1)
    return marked[:, :-1]


class EpisodeQuality(NamedTuple):
    """NDCG of the ten best and area under the ROC curve, shape (episodes,) each; NaN where it is not defined."""

    ndcg: Floats
    auc: Floats

    @classmethod
    def together(cls, found: Sequence["EpisodeQuality"]) -> "EpisodeQuality":
        """Return the quality of the episodes of all."""
        return cls(np.concatenate([one.ndcg for one in found]), np.concatenate([one.auc for one in found]))


def list_quality(scores: Floats, episodes: Episodes) -> EpisodeQuality:
    """Return NDCG of the ten best and area under the ROC curve of each episode, over all products not bought before.

    `scores` has shape (episodes, products), or (products,) where they are the same for all. NaN where all
    products are wanted; ties count by the order of the products in NDCG and half in the AUC.

    References
    ----------
    Järvelin, Kekäläinen 2002 (NDCG); Hanley, McNeil 1982 (AUC).

    Examples
    --------
    >>> ndcg, auc = list_quality(np.array([0.1, 0.9, 0.5]), cut(Histories.of_lists([[2]], 3), 0))
    >>> ndcg.round(3).tolist(), auc.tolist()
    ([0.631], [0.5])

    """
    ranked = np.where(episodes.open, scores, -np.inf)
    rows, products = np.nonzero(episodes.wanted)
    below, equal = _places(ranked, rows, products)
    above = ranked.shape[1] - below - equal
    for tied in np.flatnonzero(equal > 1).tolist():
        row, product = rows[tied], products[tied]
        above[tied] += np.count_nonzero(ranked[row, :product] == ranked[row, product])
    wanted, candidates = episodes.wanted.sum(axis=1), episodes.open.sum(axis=1)
    gains = np.where(above < WANTED, 1 / np.log2(above + 2), 0.0)
    best_gains = np.cumsum(1 / np.log2(np.arange(2, WANTED + 2)))
    ndcg = np.bincount(rows, gains, len(ranked)) / best_gains[np.minimum(wanted, WANTED) - 1]
    rank_sums = np.bincount(rows, below + (equal + 1) / 2, len(ranked)) - wanted * (ranked.shape[1] - candidates)
    with np.errstate(invalid="ignore", divide="ignore"):
        auc = (rank_sums - wanted * (wanted + 1) / 2) / (wanted * (candidates - wanted))
    return EpisodeQuality(ndcg, auc)


def _places(scores: Floats, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many scores of its row are less than each cell, and how many equal it, itself included.

    `rows` is in ascending order. Sorting values is ten times as fast as sorting their places.
    """
    ends = np.searchsorted(rows, np.arange(len(scores) + 1))
    below, upto = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    for row, ordered in enumerate(np.sort(scores, axis=1)):
        cells = slice(ends[row], ends[row + 1])
        own = scores[row, columns[cells]]
        below[cells], upto[cells] = ordered.searchsorted(own), ordered.searchsorted(own, side="right")
    return below, upto - below
