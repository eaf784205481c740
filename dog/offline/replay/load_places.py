"""Raw scores of past pitches with their place in the load that each comes from."""

import numpy as np
from numpy.typing import NDArray

from dog.core.consolidation_fit import MIN_PITCHED
from dog.core.score_axes import Axis, Load, standardise
from dog.offline.replay.calibrated_scores import ModelScores
from dog.offline.statistics.discrimination import Floats


class LoadPlaces:
    """Collects a model's scores, block of weeks by block, each block from one load."""

    def __init__(self, pitches: int, blocks: int) -> None:
        self._raw = np.full(pitches, np.nan)
        self._blocks = blocks
        self._axes: list[Axis] | None = None
        self._added: list[tuple[int, NDArray[np.int64], Load, Floats]] = []
        self._renewed: dict[int, tuple[Load, Floats]] = {}

    def add(
        self,
        block: int,
        rows: NDArray[np.int64],
        load: Load,
        raw: Floats,
        pitched: Floats,
        of_pairs: Floats | None = None,
    ) -> None:
        """Add a block: its pitches, their raw scores, and the scores of the pairs that were pitched before it.

        `of_pairs` holds the score of every pair in this load, shape (pairs,), where the load is a new one.
        """
        if of_pairs is not None:
            self._renewed[block] = (load, of_pairs)
        self._raw[rows] = raw
        self._axes = [axis for axis in (load.scales if self._axes is None else self._axes) if axis in load.scales]
        self._added.append((block, rows, load, pitched[~np.isnan(pitched)]))

    def as_scores(self, name: str, weight: float, *, lower_is_better: bool) -> ModelScores:
        """Return the scores on every axis that suits all loads."""
        axes = self._axes or []
        places = {axis: np.full(len(self._raw), np.nan) for axis in axes}
        centres = {axis: np.zeros(self._blocks) for axis in axes}
        for block, rows, load, pitched in self._added:
            for axis in axes:
                places[axis][rows] = standardise(self._raw[rows], load, axis)
                if len(pitched) >= MIN_PITCHED:
                    centres[axis][block] = standardise(pitched, load, axis).mean()
        return ModelScores(
            name=name,
            weight=weight,
            lower_is_better=lower_is_better,
            raw=self._raw,
            places=places,
            centres=centres,
            renewed=self._renewed,
        )
