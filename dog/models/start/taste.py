"""The taste of a contact: a starting point from its attributes, adapted with each event in closed form.

A contact's taste u is normal around m0 + z A with covariance Sigma; products v of its events follow the density
proportional to exp(u v), whose moments for u = 0 are those of all first events. This is the starting point of MAML
in closed form: one Newton step from the prior, which for a quadratic loss is the whole way.

References
----------
Grant, Finn, Levine, Darrell, Griffiths 2018, "Recasting Gradient-Based Meta-Learning as Hierarchical Bayes".
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FIRST_EVENTS = 20
"""First events of each contact that the distribution of tastes is fitted to."""
MOST_EVENTS = 200
"""Events of a contact that its taste is adapted with: the latest ones."""

CONTACTS_AT_ONCE = 1_000
"""Contacts whose products' vectors are summed together: those of one contact take some ten kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """How the vectors of events are distributed over all contacts.

    Parameters
    ----------
    mean, covariance
        Of the vector of an event, shape (dimension,) and (dimension, dimension).
    position_sums
        Sum of the mean vectors of the first k events, shape (events + 1, dimension): what the third event of anybody
        usually is, is not news of a contact.

    """

    mean: Floats
    covariance: Floats
    position_sums: Floats

    def extended(self, events: int) -> "Moments":
        """Return the moments of more events; those after the last known position are average."""
        more = max(0, events + 1 - len(self.position_sums))
        added = self.position_sums[-1] + np.arange(1, more + 1)[:, None] * self.mean
        return replace(self, position_sums=np.concatenate([self.position_sums, added]))


@dataclass(frozen=True, slots=True, kw_only=True)
class TastePrior:
    """What is known of a taste before any event: mean, effect of each encoded attribute, covariance."""

    mean: Floats  # shape (dimension,)
    attribute_effects: Floats  # shape (attributes, dimension)
    covariance: Floats  # shape (dimension, dimension)

    def means(self, encoded: Floats) -> Floats:
        """Return the expected tastes of contacts, given their encoded attributes, shape (contacts, dimension)."""
        return np.asarray(self.mean + encoded @ self.attribute_effects)


@dataclass(frozen=True, slots=True)
class TasteUpdate:
    """Adapts tastes to events; the inverse of each number of events is computed once.

    Examples
    --------
    >>> moments = Moments(mean=np.zeros(1), covariance=np.eye(1), position_sums=np.zeros((3, 1)))
    >>> prior = TastePrior(mean=np.zeros(1), attribute_effects=np.zeros((0, 1)), covariance=np.eye(1))
    >>> TasteUpdate(moments, prior).adapt(np.zeros(1), 1, np.array([1.0]))
    array([0.5])

    """

    moments: Moments
    prior: TastePrior
    gains: Floats = field(init=False, repr=False, compare=False)  # shape (events + 1, dimension, dimension)

    def __post_init__(self) -> None:
        counts = np.arange(len(self.moments.position_sums))[:, None, None]
        precision = np.linalg.inv(self.prior.covariance)
        object.__setattr__(self, "gains", np.linalg.inv(precision + counts * self.moments.covariance))

    def adapt(self, mean: Floats, events: int, vector_sum: Floats) -> Floats:
        """Return a taste after some events: u = mu + (Sigma^-1 + k H)^-1 (sum v - M[k] - k H mu).

        `mean` is the taste expected before them, `vector_sum` the sum of their products' vectors; shape (dimension,),
        or (contacts, dimension) for contacts with the same number of events.
        """
        moments = self.moments
        surprise = vector_sum - moments.position_sums[events] - events * (mean @ moments.covariance)
        return np.asarray(mean + surprise @ self.gains[events])

    def adapt_all(self, means: Floats, events: NDArray[np.int64], vectors: Floats) -> Floats:
        """Return the tastes of contacts, given their events as rows of products, -1 behind the last."""
        return self.adapt_sums(means, (events >= 0).sum(axis=1), sum_vectors(events, vectors))

    def adapt_sums(self, means: Floats, counts: NDArray[np.int64], vector_sums: Floats) -> Floats:
        """Return the tastes of contacts, given the numbers of their events and the sums of their products' vectors."""
        tastes = means.copy()
        for count in np.unique(counts[counts > 0]).tolist():
            own = np.flatnonzero(counts == count)
            tastes[own] = self.adapt(means[own], count, vector_sums[own])
        return tastes


def sum_vectors(events: NDArray[np.int64], vectors: Floats) -> Floats:
    """Return the sum of the vectors of each contact's products, -1 behind the last, shape (contacts, dimension)."""
    padded = np.concatenate([vectors, np.zeros((1, vectors.shape[1]))])  # the last row is that of the -1
    sums = np.empty((len(events), vectors.shape[1]))
    for first in range(0, len(events), CONTACTS_AT_ONCE):
        some = slice(first, first + CONTACTS_AT_ONCE)
        padded[events[some]].sum(axis=1, out=sums[some])
    return sums
