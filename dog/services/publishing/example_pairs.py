"""What settings with `neutral = "expected"` make of pairs: by their ratio of wins to expected wins, and of examples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.learning.expected_wins import odds_factors, pair_ratios
from dog.core.learning.reinforcement_settings import Reinforcement


@dataclass(frozen=True, slots=True, kw_only=True)
class PairExample:
    """What some settings make of a pair whose pitches all had the same chance, and whose product does as expected."""

    wins: int
    pitches: int
    expected: float
    ratio: float
    chance: float  # before
    boosted: float  # the chance that lists show

    @property
    def multiplier(self) -> float:
        """The factor on the chance."""
        return self.boosted / self.chance


def ratio_odds(settings: Reinforcement, pair_trust: float, ratios: np.ndarray) -> np.ndarray:
    """Return the factor on the odds of pairs by their ratio of wins to expected wins, before any recursion."""
    return odds_factors(np.ones(len(ratios)), ratios, (1.0, pair_trust), settings)


def example_pairs(
    settings: Reinforcement, pair_trust: float, chance: float, records: Sequence[tuple[int, int]]
) -> list[PairExample]:
    """Return what settings make of pairs with wins and pitches, each pitched at the same chance."""
    wins, pitches = np.array(records, np.float64).reshape(-1, 2).T
    expected = np.minimum(pitches, chance * pitches)
    ratios = pair_ratios(wins, expected)
    odds = ratio_odds(settings, pair_trust, ratios)
    boosted = chance * odds / (1 - chance + chance * odds)
    return [
        PairExample(wins=won, pitches=of, expected=among, ratio=ratio, chance=chance, boosted=shown)
        for (won, of), among, ratio, shown in zip(
            records, expected.tolist(), ratios.tolist(), boosted.tolist(), strict=True
        )
    ]
