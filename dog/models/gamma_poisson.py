"""Gamma-Poisson: rates of rare counts, shrunk towards the mean the more, the less was observed."""

import numpy as np

from dog.models.purchases import Floats


def shrink_rates(counts: Floats, exposures: Floats) -> Floats:
    """Estimate each unit's rate of a Poisson count whose rates are gamma distributed over the units.

    Parameters
    ----------
    counts
        Shape (units, kinds), at least 0; discounted counts need not be whole.
    exposures
        Time or number of trials observed, shape (units,), above 0.

    Returns
    -------
    Posterior mean rates, shape (units, kinds); each kind has its own prior. Where the units differ no more
    than by chance, all have the kind's mean rate.

    References
    ----------
    Global empirical Bayes estimator by the method of moments, Marshall 1991, "Mapping Disease and Mortality
    Rates Using Empirical Bayes Estimators".

    Examples
    --------
    Mean rate 2, variance 1.5 beyond chance (2 / 4), hence a weight of 3/4 on the own rate:

    >>> shrink_rates(np.array([[0.0], [8.0], [16.0], [8.0]]), np.full(4, 4.0)).ravel()
    array([0.5, 2. , 3.5, 2. ])

    """
    exposed = exposures[:, np.newaxis]
    mean = counts.sum(axis=0) / exposures.sum()
    spread = (exposed * (counts / exposed - mean) ** 2).sum(axis=0) / exposures.sum()
    between = np.maximum(spread - mean / exposures.mean(), 0.0)
    # (counts + mean * looks) / (exposed + looks) with looks = mean / between, kept finite at between = 0
    return (counts * between + mean**2) / np.where(mean > 0, exposed * between + mean, 1.0)
