"""Contacts in folds, each scored by parts that were fitted to the other folds: calibration and proof by band."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from dog.models.start.band_calibration import FOLDS, FoldScores, calibrate_proved
from dog.models.start.bands import Band
from dog.models.start.cold_terms import ColdTerms, ColdWeights, ContactTerms
from dog.models.start.episodes import EpisodeQuality, Episodes, cut, list_quality
from dog.models.start.gate import Verdict, compare
from dog.models.start.popularity import Popularity
from dog.models.start.sampled_logistic import MOST_ROWS, SampledRows, draw_cells, fit_sampled
from dog.models.start.start_parts import Factorise, StartParts, TrainingData, cold_terms, fit_parts, likeness_of
from dog.models.start.taste import Floats

BAND_CUTS = ((0,), (1,), (2, 3, 4), (5, 10, 20))
"""Events after which the episodes of each band are cut; contacts take turns."""
MOST_CELLS = 4_000_000
"""Contacts x products of the episodes that a band is calibrated on, unless these are fewer than `LEAST_EPISODES`."""
LEAST_EPISODES = 500
SEED = 0


class FoldEpisodes(NamedTuple):
    """Episodes of the contacts of one fold, and the numbers of these contacts, shape (episodes,)."""

    fold: int
    episodes: Episodes
    contacts: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossFit:
    """The folds: which contact is in which, and the parts fitted without each.

    Parameters
    ----------
    folds
        Fold of each contact, shape (contacts,).
    parts, cold
        By fold, fitted to the contacts of all other folds.
    judged
        Which contacts calibrate and prove, shape (contacts,).

    """

    data: TrainingData
    folds: np.ndarray
    parts: Sequence[StartParts]
    cold: Sequence[ColdTerms]
    judged: np.ndarray

    @classmethod
    def of(
        cls, data: TrainingData, factorise: Factorise, weights: ColdWeights, progress: Callable[[float, str], None]
    ) -> "CrossFit":
        """Split contacts into folds and fit the parts without each."""
        chance, contacts = np.random.default_rng(SEED), len(data.histories)
        folds = chance.permutation(contacts) % FOLDS
        parts, cold = [], []
        for fold in range(FOLDS):
            progress(fold / FOLDS, f"fitting without fold {fold + 1} of {FOLDS}")
            others = data.select(folds != fold)
            parts.append(fit_parts(others, factorise))
            cold.append(cold_terms(parts[-1], others, weights))
        most = max(LEAST_EPISODES, MOST_CELLS // max(1, data.histories.product_count))
        judged = chance.permutation(contacts) < most
        return cls(data=data, folds=folds, parts=parts, cold=cold, judged=judged)

    def without_attributes(self) -> "CrossFit":
        """Return the folds as if no attribute of any contact were known."""
        return replace(self, data=replace(self.data, encoded=np.zeros(self.data.encoded.shape)))

    def episodes(self, band: int) -> Iterator[FoldEpisodes]:
        """Yield the episodes of a band by fold and cut; each contact has at most one."""
        cuts, turns = BAND_CUTS[band], np.arange(len(self.folds)) // FOLDS
        for fold in range(FOLDS):
            for turn, event_count in enumerate(cuts):
                own = np.flatnonzero((self.folds == fold) & self.judged & (turns % len(cuts) == turn))
                found = cut(self.data.histories.select(own), event_count)
                if len(found.contacts):
                    yield FoldEpisodes(fold, found, own[found.contacts])

    def fit_popularity(self) -> Popularity:
        """Fit the log odds of popularity to the episodes of all bands."""
        episodes = [found for band in range(len(BAND_CUTS)) for found in self.episodes(band)]
        levels = [parts.counts.log_odds() for parts in self.parts]
        share = min(1.0, MOST_ROWS / max(1, sum(int(found.open.sum()) for _, found, _ in episodes)))
        chance, samples = np.random.default_rng(SEED), []
        for fold, found, _ in episodes:
            cells = draw_cells(found.wanted, found.open, share, chance)
            features = levels[fold][:, np.nonzero(cells)[1]]
            samples.append(SampledRows(features=features, wanted=found.wanted[cells], share=share))
        intercept, hazard, share_weight = fit_sampled(SampledRows.together(samples), np.array([0.5, 0.5]))
        return Popularity(intercept=intercept, hazard=hazard, share=share_weight)

    def judge_segments(self, popularity: Popularity) -> Verdict | None:
        """Compare the popularity of each contact's segment with that of all contacts; None without segments."""
        if not self.data.segment_names:
            return None
        levels = [parts.offsets(popularity, by_segment=True) for parts in self.parts]
        of_segment, of_all = [], []
        for fold, found, contacts in self.episodes(0):
            of_segment.append(list_quality(levels[fold][self.data.segments[contacts] + 1], found))
            of_all.append(list_quality(levels[fold][0], found))
        return compare(EpisodeQuality.together(of_segment), EpisodeQuality.together(of_all))

    def fit_band(self, band: int, popularity: Popularity, *, by_segment: bool) -> tuple[Band, Verdict | None]:
        """Calibrate a band; taste and fold-in count where they are proved.

        With `by_segment` popularity is that of each contact's segment.
        """
        levels = [parts.offsets(popularity, by_segment=by_segment) for parts in self.parts]
        rows = self.data.segments + 1 if by_segment else np.zeros(len(self.folds), np.int64)
        scored = [self.score(found, levels[found.fold][rows[found.contacts]]) for found in self.episodes(band)]
        return calibrate_proved(scored) if scored else (Band(), None)

    def score(self, found: FoldEpisodes, offsets: Floats) -> FoldScores:
        """Return what the parts of the other folds say of episodes with some offsets, shape (episodes, products)."""
        fold, episodes, contacts = found
        parts, cold, has_events = self.parts[fold], self.cold[fold], episodes.event_count > 0
        known = episodes.known if has_events else np.full((len(contacts), 1), -1)
        tastes, folded = parts.adapt(self.data.encoded[contacts], known), parts.fold_in.fold_all(known)
        own = self.data.histories.select(contacts).first(episodes.event_count)
        likeness = likeness_of(own, self.data.encoded_products)
        terms = ContactTerms(tastes=tastes, folded=folded, likeness=likeness)
        added = np.zeros(episodes.open.shape)
        added[:, cold.products] = cold.log_odds(terms, np.full(len(contacts), has_events), slice(None))
        return FoldScores(
            fold=fold,
            episodes=episodes,
            offsets=offsets,
            tastes=tastes @ parts.vectors.T,
            folded=np.where(parts.warm, folded @ parts.fold_in.factors.T, 0.0),
            cold=added,
        )
