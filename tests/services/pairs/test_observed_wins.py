"""Wins by product beside those that were expected."""

from dataclasses import replace

import numpy as np

from dog.core.learning.evidence import no_evidence
from dog.core.learning.priors import fit_priors, sum_pairs
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.records import PAIRS
from dog.services.lists.active_policy import build_multipliers
from dog.services.pairs.observed_wins import compare_products
from dog.services.pairs.pair_table import PairTable
from dog.services.weekly.next_recompute import reinforce_pairs
from dog.storage.catalogue import Catalogue


def test_wins_are_counted_by_product_the_largest_surprise_first() -> None:
    pairs = np.zeros(4, PAIRS)
    pairs["product"], pairs["wins"], pairs["losses"] = [0, 0, 1, 2], [1, 0, 5, 0], [9, 10, 0, 0]
    pairs["expected"], pairs["scored"] = [1.0, 1.0, 0.5, 0.0], [10, 10, 5, 0]
    sums = sum_pairs(np.arange(3), no_evidence(3), 3)
    priors = replace(fit_priors(sums), product_ratios=np.array([0.8, 2.25, 1.0]), trust=(0.5, 0.5))
    multipliers = build_multipliers(Reinforcement(), priors, np.ones(4))
    now = reinforce_pairs(pairs, 0, priors, Reinforcement(), np.nan)
    table = PairTable(
        version="v", policy="p", multipliers=multipliers, contacts=[b"1"], contact=np.zeros(4, int), pairs=pairs,
        recursions=np.zeros(4, int), now=now,
    )  # fmt: skip
    found = compare_products(table, Catalogue(ids=("a", "b", "c"), records=({"name": "A"}, {}, {})))

    assert [(one.name, one.wins, one.pitches, one.expected) for one in found] == [("b", 5, 5, 0.5), ("A", 1, 20, 2.0)]
    assert [(one.ratio, round(one.boost, 3)) for one in found] == [(2.25, 1.5), (0.8, 0.894)]
