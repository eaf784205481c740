"""Traffic split: which contacts get a control in place of the policy, and with what probability each item is served.

The value of multipliers and rules can only be measured against a share of contacts who are served without them.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

PLAIN = "policy"
"""The policy as it is written."""
NO_MULTIPLIER, NO_RULES, RANDOM_ELIGIBLE = "no_multiplier", "no_rules", "random_eligible"
CONTROLS = (NO_MULTIPLIER, NO_RULES, RANDOM_ELIGIBLE)
"""In the order in which they take their shares."""


def with_plain(shares: Mapping[str, float]) -> dict[str, float]:
    """Return the shares of the controls and of the policy itself.

    Examples
    --------
    >>> with_plain({"no_rules": 0.25})
    {'no_rules': 0.25, 'policy': 0.75}

    """
    return {**shares, PLAIN: 1.0 - sum(shares.values())}


def assign(draw: float, shares: Mapping[str, float]) -> str:
    """Return the variant of a contact.

    Parameters
    ----------
    draw
        The contact's number, the same for every request, uniform over contacts, in [0, 1).
    shares
        Share of contacts of each control, each above 0, together below 1.

    Returns
    -------
    The control whose share the draw falls into, in the order of `CONTROLS`; `policy` where it falls into none.

    Examples
    --------
    >>> [assign(draw, {"no_rules": 0.1, "random_eligible": 0.2}) for draw in (0.05, 0.15, 0.29, 0.31)]
    ['no_rules', 'random_eligible', 'random_eligible', 'policy']

    """
    taken = 0.0
    for control in CONTROLS:
        taken += shares.get(control, 0.0)
        if draw < taken:
            return control
    return PLAIN


def inclusion_chances(
    options: int,
    lists: Mapping[str, NDArray[np.int64]],
    candidates: NDArray[np.int64],
    k: int,
    shares: Mapping[str, float],
) -> NDArray[np.float64]:
    """Return the probability with which each option is on a contact's list, over all variants of the split.

    Parameters
    ----------
    options
        How many options there are.
    lists
        Positions of the options that each variant but `random_eligible` puts on the list.
    candidates
        Positions of those from which `random_eligible` draws.
    k
        Length of the list.
    shares
        Share of contacts of each control.

    Returns
    -------
    Chances in [0, 1], shape (options,): those of being anywhere on the list, not at a rank. A variant that ranks
    counts with its whole share where it lists the option; the draw of k among m counts with k / m of its share.

    Examples
    --------
    >>> lists = {"policy": np.array([0, 1]), "no_rules": np.array([1, 2])}
    >>> chances = inclusion_chances(4, lists, np.arange(4), 2, {"no_rules": 0.25, "random_eligible": 0.5})
    >>> chances.tolist()
    [0.5, 0.75, 0.5, 0.25]

    """
    chances = np.zeros(options)
    for variant, share in with_plain(shares).items():
        if variant == RANDOM_ELIGIBLE:
            chances[candidates] += share * min(1.0, k / max(1, len(candidates)))
        else:
            chances[lists[variant]] += share
    return np.minimum(chances, 1.0)
