"""Episodes: histories cut after k events; what came next is what a good score ranks first."""

from dataclasses import dataclass

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


def list_quality(scores: Floats, episodes: Episodes) -> tuple[Floats, Floats]:
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
    best = np.argsort(-ranked, axis=1, kind="stable")[:, :WANTED]
    hits = np.take_along_axis(episodes.wanted, best, axis=1)
    gain = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    wanted = episodes.wanted.sum(axis=1)
    ndcg = hits @ gain / np.cumsum(gain)[np.minimum(wanted, hits.shape[1]) - 1]
    return ndcg, _auc(ranked, episodes, wanted)


def _auc(ranked: Floats, episodes: Episodes, wanted: np.ndarray) -> Floats:
    ordered = np.argsort(ranked, axis=1, kind="stable")
    sorted_scores = np.take_along_axis(ranked, ordered, axis=1)
    width = ranked.shape[1]
    new = np.concatenate([np.ones((len(ranked), 1), bool), sorted_scores[:, 1:] != sorted_scores[:, :-1]], axis=1)
    first = np.maximum.accumulate(np.where(new, np.arange(width), 0), axis=1)
    ends = np.concatenate([new[:, 1:], np.ones((len(ranked), 1), bool)], axis=1)
    last = np.minimum.accumulate(np.where(ends, np.arange(width), width)[:, ::-1], axis=1)[:, ::-1]
    is_wanted = np.take_along_axis(episodes.wanted, ordered, axis=1)
    closed = width - episodes.open.sum(axis=1)
    rank_sum = (((first + last) / 2 + 1 - closed[:, None]) * is_wanted).sum(axis=1)
    others = episodes.open.sum(axis=1) - wanted
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((rank_sum - wanted * (wanted + 1) / 2) / (wanted * others))
