"""Look up what a multiplier version holds of the pairs of contacts with their options."""

from typing import NamedTuple

import numpy as np
from numba import float64, int64

from dog.core.kernels.array_types import FLOATS, INTEGERS, array_of
from dog.core.kernels.compiled import compiled
from dog.core.kernels.explore_pairs import PAIR_STRENGTH, exploration_odds_of
from dog.core.kernels.weigh_pairs import expected_wins_of
from dog.core.records import PAIRS

NO_RECORD = -1

EXPLORATION = np.dtype(
    [
        ("global_rate", "f8"),  # expected of a pitch without a score
        ("tenant_ratio", "f8"),
        ("pair_trust", "f8"),
        ("deviations", "f8"),  # standard deviations of doubt that are credited
        ("unpitched", "f8"),  # the factor of pairs without a record
    ],
    align=True,
)
"""What the odds that options are ordered by are made from, besides the evidence of pairs."""


class PairMultipliers(NamedTuple):
    """Multipliers of options, arrays of shape (options,)."""

    performance: np.ndarray  # the pair's own, else that of its product
    order_odds: np.ndarray  # factor on the odds that options are ordered by
    places: np.ndarray  # of the pair's record, NO_RECORD where it has none


@compiled()
def _exploration_odds(pair: np.void, product_ratio: float, exploration: np.void) -> float:
    """Return the factor on the odds of the order of one pair, as `dog.core.learning.reinforcement.order_odds`."""
    pitches = pair["evidence_pitches"]
    scored = np.float64(pair["evidence_scored"])
    expected = expected_wins_of(pitches, pair["evidence_expected"], scored, exploration["global_rate"])
    expected = min(pitches, exploration["tenant_ratio"] * product_ratio * expected)
    ratio = (PAIR_STRENGTH + pair["evidence_wins"]) / (PAIR_STRENGTH + expected)
    return exploration_odds_of(pitches, expected, ratio, exploration["pair_trust"], exploration["deviations"])


@compiled()
def _find(pairs: np.ndarray, begin: int, end: int, product: int) -> int:
    """Return where the records of a product and of higher ones begin; records are in the order of products."""
    low, high = begin, end
    while low < high:
        middle = (low + high) // 2
        if pairs[middle]["product"] < product:
            low = middle + 1
        else:
            high = middle
    return low


_RECORDS = array_of(PAIRS)


@compiled((INTEGERS, INTEGERS, INTEGERS, _RECORDS, FLOATS, FLOATS, array_of(EXPLORATION), float64[:, ::1], int64[::1]))
def _look_up(
    starts: np.ndarray,
    products: np.ndarray,
    bounds: np.ndarray,
    pairs: np.ndarray,
    baseline: np.ndarray,
    product_ratios: np.ndarray,
    explorations: np.ndarray,
    multipliers: np.ndarray,
    places: np.ndarray,
) -> None:
    """Write what `look_up_pairs` returns: `multipliers` are performance and odds of the order, shape (2, options)."""
    performance, order_odds, exploration = multipliers[0], multipliers[1], explorations[0]
    order_odds[:], places[:] = exploration["unpitched"], NO_RECORD
    for option in range(len(products)):
        performance[option] = baseline[min(products[option], len(baseline) - 1)]
    for contact in range(len(starts) - 1):
        begin, end, last = bounds[contact], bounds[contact + 1], -1
        place = begin
        for option in range(starts[contact], starts[contact + 1] if begin < end else starts[contact]):
            product = products[option]
            if product < last:  # candidates come in any order
                place = _find(pairs, begin, place, product)
            elif place < end and pairs[place]["product"] < product:
                place = _find(pairs, place + 1, end, product)
            last = product
            if place < end and pairs[place]["product"] == product:
                places[option], performance[option] = place, pairs[place]["multiplier"]
                if exploration["unpitched"] != 1.0:
                    ratio = product_ratios[min(product, len(product_ratios) - 1)]
                    order_odds[option] = _exploration_odds(pairs[place], ratio, exploration)


def look_up_pairs(
    starts: np.ndarray,
    products: np.ndarray,
    bounds: np.ndarray,
    pairs: np.ndarray,
    baseline: np.ndarray,
    product_ratios: np.ndarray,
    exploration: np.ndarray,
) -> PairMultipliers:
    """Return the multipliers of options.

    Parameters
    ----------
    starts, products
        Where each contact's options begin, and the end of the last, shape (contacts + 1,); their products.
    bounds, pairs
        Where each contact's records begin, and the end of the last, shape (contacts + 1,); records of `PAIRS`.
    baseline, product_ratios
        Multiplier and ratio of products; of a product beyond their end the last counts.
    exploration
        One record of `EXPLORATION`.

    """
    multipliers, places = np.empty((2, len(products))), np.empty(len(products), np.int64)
    _look_up(starts, products, bounds, pairs, baseline, product_ratios, exploration, multipliers, places)
    return PairMultipliers(multipliers[0], multipliers[1], places)


@compiled((_RECORDS, INTEGERS))
def pair_history(pairs: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return wins, pitches and win rate of the pairs of options, shape (3, options).

    `places` are those of their records. The win rate is NaN before the first resolved pitch.
    """
    found = np.zeros((3, len(places)))
    for option in range(len(places)):
        found[2, option] = np.nan
        if places[option] != NO_RECORD:
            pair = pairs[places[option]]
            resolved = np.int64(pair["wins"]) + np.int64(pair["losses"])
            found[0, option], found[1, option] = pair["wins"], resolved + np.int64(pair["pending"])
            if resolved > 0:
                found[2, option] = pair["wins"] / resolved
    return found


ALL_WINS, ALL_PITCHES, WINS, PITCHES, EXPECTED, SCORED, PART_PITCHES, PART_EXPECTED, PART_SCORED = range(9)
"""Rows of `recorded_pairs`: counts, the evidence, and the evidence with pending pitches in part."""


@compiled((_RECORDS, INTEGERS))
def recorded_pairs(pairs: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return what the pairs of options were made from, shape (9, options); `places` are those of their records."""
    found = np.zeros((9, len(places)))
    for option in range(len(places)):
        if places[option] == NO_RECORD:
            continue
        pair = pairs[places[option]]
        resolved = np.int64(pair["wins"]) + np.int64(pair["losses"])
        found[ALL_WINS, option], found[ALL_PITCHES, option] = pair["wins"], resolved + np.int64(pair["pending"])
        found[WINS, option], found[PITCHES, option] = pair["evidence_wins"], pair["evidence_pitches"]
        found[EXPECTED, option], found[SCORED, option] = pair["evidence_expected"], pair["evidence_scored"]
        found[PART_PITCHES, option] = found[PITCHES, option] + pair["part_pitches"]
        found[PART_EXPECTED, option] = found[EXPECTED, option] + pair["part_expected"]
        found[PART_SCORED, option] = found[SCORED, option] + pair["part_scored"]
    return found
