"""Calibrate the score of a band on episodes, and prove it on those of contacts that it was not fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dog.models.start.bands import Band
from dog.models.start.episodes import EpisodeQuality, Episodes, list_quality
from dog.models.start.gate import Verdict, compare
from dog.models.start.sampled_logistic import MOST_ROWS, SampledRows, draw_cells, fit_sampled
from dog.models.start.taste import Floats

COLD_PRIOR, COLD_SCALE = 0.5, 0.2
"""What the weight of the cold products' terms is drawn towards, by a ridge of 1 / scale squared: few events say it."""
FOLDS = 4
"""A calibration is fitted to the sampled rows of all folds but one: these are `MOST_ROWS`."""
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldScores:
    """Episodes of one fold and what the parts of the other folds say of them, shape (episodes, products) each."""

    fold: int
    episodes: Episodes
    offsets: Floats
    tastes: Floats
    folded: Floats
    cold: Floats  # log odds that are added to those of cold products; 0 for warm ones

    def log_odds(self, band: Band) -> Floats:
        """Return the calibrated log odds."""
        return np.asarray(band.log_odds(self.offsets, self.tastes, self.folded) + band.cold * self.cold)

    def quality(self, band: Band) -> EpisodeQuality:
        """Return NDCG and AUC of the calibrated lists."""
        return list_quality(self.log_odds(band), self.episodes)

    def sample(self, share: float, chance: np.random.Generator) -> SampledRows:
        """Return a sample of the products not bought before: offsets, tastes, factors and cold terms by row."""
        cells = draw_cells(self.episodes.wanted, self.episodes.open, share, chance)
        features = np.stack([column[cells] for column in (self.offsets, self.tastes, self.folded, self.cold)])
        return SampledRows(features=features, wanted=self.episodes.wanted[cells], share=share)


def calibrate_proved(scored: Sequence[FoldScores]) -> tuple[Band, Verdict]:
    """Return the calibration of a band; taste and fold-in count where they rank better than popularity alone.

    Of each fold the lists compared are those that the other folds calibrated. The terms of cold products have a proof
    of their own (`fit_cold_terms`), without which they are 0.
    """
    rows = _samples(scored)
    popular = calibrate(SampledRows.together(rows), with_taste=False)
    challenger, base = [], []
    for fold in {one.fold for one in scored}:
        others = [row for one, row in zip(scored, rows, strict=True) if one.fold != fold]
        band = calibrate(SampledRows.together(others or rows), with_taste=True)
        own = [one for one in scored if one.fold == fold]
        challenger += [one.quality(band) for one in own]
        base += [one.quality(popular) for one in own]
    verdict = compare(EpisodeQuality.together(challenger), EpisodeQuality.together(base))
    if verdict.on:
        return calibrate(SampledRows.together(rows), with_taste=True), verdict
    return replace(popular, cold=COLD_PRIOR), verdict


def _samples(scored: Sequence[FoldScores]) -> list[SampledRows]:
    chance = np.random.default_rng(SEED)
    cells = sum(int(one.episodes.open.sum()) for one in scored) * (FOLDS - 1) / FOLDS
    return [one.sample(min(1.0, MOST_ROWS / max(1, cells)), chance) for one in scored]


def calibrate(rows: SampledRows, *, with_taste: bool) -> Band:
    """Fit the calibration of a band to rows of offsets, tastes, factors and cold terms."""
    spreads = [*(float(column.std()) or 1.0 for column in rows.features[1:3]), 1 / COLD_SCALE]
    used = rows.features / np.array([1.0, *spreads])[:, None] if with_taste else rows.features[:1]
    prior = np.array([1.0, 0.0, 0.0, COLD_PRIOR / COLD_SCALE])[: len(used)]
    scaled = SampledRows(features=used, wanted=rows.wanted, share=rows.share)
    intercept, popularity, *weights = fit_sampled(scaled, prior)
    taste, fold_in, cold = weights or (0.0, 0.0, 0.0)
    return Band(
        intercept=intercept,
        popularity=popularity,
        taste=taste,
        fold_in=fold_in,
        cold=cold * COLD_SCALE,
        taste_spread=spreads[0],
        fold_in_spread=spreads[1],
        on=with_taste,
    )
