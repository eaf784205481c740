"""Fit how tastes are distributed over contacts: moments of the events, then expectation maximisation."""

import numpy as np

from dog.models.start.taste import Floats, Moments, TastePrior, TasteUpdate, sum_vectors

POSITION_WEIGHT = 20.0
"""Events by which the mean of each position is shrunk towards the mean of all."""
JITTER = 1e-6
ROUNDS = 30
RIDGE = 30.0
FIRST_SPREAD = 0.1


def event_moments(vectors: Floats, events: np.ndarray, shares: Floats | None = None) -> Moments:
    """Return the moments of events.

    Parameters
    ----------
    vectors
        Of the products, shape (products, dimension).
    events
        Products of each contact in order, -1 behind the last, shape (contacts, events).
    shares
        Share of each product among all events, shape (products,); None: as counted in `events`.

    """
    known = events >= 0
    if shares is None:
        counts = np.bincount(events[known], minlength=len(vectors)).astype(np.float64)
        shares = counts / max(1.0, counts.sum())
    mean = shares @ vectors
    spread = (vectors.T * shares) @ vectors - np.outer(mean, mean)
    sums = np.zeros((events.shape[1] + 1, vectors.shape[1]))
    for position in range(events.shape[1]):
        own = vectors[events[known[:, position], position]]
        shrunk = (own.sum(axis=0) + POSITION_WEIGHT * mean) / (len(own) + POSITION_WEIGHT)
        sums[position + 1] = sums[position] + shrunk
    return Moments(mean=mean, covariance=spread + JITTER * np.eye(len(mean)), position_sums=sums)


def fit_prior(
    moments: Moments,
    vectors: Floats,
    events: np.ndarray,
    encoded: Floats,
    *,
    ridge: float = RIDGE,
    rounds: int = ROUNDS,
) -> TastePrior:
    """Fit mean, attribute effects and covariance of tastes by expectation maximisation.

    `events` are as in `event_moments`; contacts without events teach nothing and are left out. `encoded` are the
    encoded attributes, shape (contacts, attributes), 0 on average. `ridge` draws the effects towards 0.

    References
    ----------
    Dempster, Laird, Rubin 1977; Laird, Ware 1982, "Random-Effects Models for Longitudinal Data", for the normal case.
    """
    counts = (events >= 0).sum(axis=1)
    events, encoded, counts = events[counts > 0], encoded[counts > 0], counts[counts > 0]
    dimension, centred = vectors.shape[1], encoded - encoded.mean(axis=0) if len(encoded) else encoded
    prior = TastePrior(
        mean=np.zeros(dimension),
        attribute_effects=np.zeros((encoded.shape[1], dimension)),
        covariance=np.asarray(FIRST_SPREAD * np.linalg.inv(moments.covariance), np.float64),
    )
    if not len(events):
        return prior
    penalised = centred.T @ centred + ridge * np.eye(encoded.shape[1])
    share_of_count = np.bincount(counts, minlength=events.shape[1] + 1) / len(counts)
    sums = sum_vectors(events, vectors)
    for _ in range(rounds):
        update = TasteUpdate(moments, prior)
        tastes = update.adapt_sums(prior.means(centred), counts, sums)
        mean = tastes.mean(axis=0)
        effects = np.linalg.solve(penalised, centred.T @ (tastes - mean))
        apart = tastes - mean - centred @ effects
        uncertain = np.tensordot(share_of_count, update.gains, 1)
        spread = np.asarray(uncertain + apart.T @ apart / len(tastes), np.float64)
        prior = TastePrior(mean=mean, attribute_effects=effects, covariance=spread)
    return prior
