"""BG/NBD: how often a contact that may silently have left will come back.

While active a contact comes at its own Poisson rate; after each visit it leaves for good with its own
probability. Rates are gamma distributed over contacts, probabilities to leave beta distributed.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

from dog.models.purchases import Floats

LARGEST_LOG = 7.0
"""Where all contacts behave alike the parameters diverge; past e^7 they change no forecast, but overflow."""

NEAREST_TO_ONE = 1e-6
"""The forecast divides by a - 1 but has a limit at a = 1, where the fit stays if nobody ever came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BgNbd:
    """The four parameters, all above 0: rates ~ gamma(r, alpha), probabilities to leave ~ beta(a, b).

    `alpha` has the unit of time of the data, the others have none.
    """

    r: float
    alpha: float
    a: float
    b: float


def fit_bgnbd(repeats: Floats, last: Floats, observed: Floats) -> BgNbd:
    """Fit the parameters by maximum likelihood.

    `repeats` counts visits after the first; `last` is the time from the first visit to the last, 0 without repeats;
    `observed` the time from the first visit to the end of observation, above 0 and at least `last`. Shape (contacts,)
    each.

    References
    ----------
    Fader, Hardie, Lee 2005, '"Counting Your Customers" the Easy Way', equation 6; in logarithms as in
    Fader, Hardie 2013, "Overcoming the BG/NBD Model's #NUM! Error Problem".
    """
    scale = float(observed.mean())  # times near 1 keep the search well conditioned

    def surprise(logs: Floats) -> float:
        return -float(_log_likelihood(np.exp(logs), repeats, last / scale, observed / scale).mean())

    found = minimize(surprise, np.zeros(4), method="L-BFGS-B", bounds=[(-LARGEST_LOG, LARGEST_LOG)] * 4)
    r, alpha, a, b = np.exp(found.x).tolist()
    return BgNbd(r=r, alpha=alpha * scale, a=a, b=b)


def _log_likelihood(parameters: Floats, repeats: Floats, last: Floats, observed: Floats) -> Floats:
    r, alpha, a, b = parameters
    log_rate = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
    log_stays = betaln(a, b + repeats) - betaln(a, b) - (r + repeats) * np.log(alpha + observed)
    came_back = repeats > 0
    left = betaln(a + 1, b + np.maximum(repeats - 1, 0)) - betaln(a, b) - (r + repeats) * np.log(alpha + last)
    return log_rate + np.where(came_back, np.logaddexp(log_stays, left), log_stays)


def expected_visits(model: BgNbd, repeats: Floats, last: Floats, observed: Floats, ahead: float) -> Floats:
    """Return the expected number of visits in the time ahead.

    `repeats`, `last` and `observed` are as in `fit_bgnbd`, `ahead` has their unit. Shape (contacts,), at least 0.

    References
    ----------
    Fader, Hardie, Lee 2005, equation 10. The hypergeometric function is taken after Euler's transformation,
    which stays finite for many repeats.

    Examples
    --------
    The CDNOW parameters of the paper; its customer with 2 repeats, the last in week 30.43 of 38.86:

    >>> cdnow = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> expected_visits(cdnow, np.array([2.0]), np.array([30.43]), np.array([38.86]), 39.0).round(3)
    array([1.226])

    """
    r, alpha, b = model.r, model.alpha, model.b
    a = model.a if abs(model.a - 1) > NEAREST_TO_ONE else 1 + NEAREST_TO_ONE
    share = ahead / (alpha + observed + ahead)
    # 2F1(r+x, b+x; a+b+x-1; z) = (1-z)^(a-1-r-x) 2F1(a+b-1-r, a-1; a+b+x-1; z)
    series = hyp2f1(a + b - 1 - r, a - 1, a + b + repeats - 1, share) * (1 - share) ** (a - 1)
    growth = (a + b + repeats - 1) / (a - 1) * (1 - series)
    odds_left = np.where(
        repeats > 0,
        a / (b + np.maximum(repeats, 1) - 1) * ((alpha + observed) / (alpha + last)) ** (r + repeats),
        0.0,
    )
    return growth / (1 + odds_left)
