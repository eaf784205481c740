"""Contacts in folds, each scored by parts that were fitted to the other folds: calibration and proof by band."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.logistic import fit_logistic
from dog.models.start.bands import Band
from dog.models.start.cold_terms import ColdTerms, ColdWeights
from dog.models.start.episodes import Episodes, cut, list_quality
from dog.models.start.gate import Verdict, compare
from dog.models.start.start_parts import Factorise, StartParts, TrainingData, cold_terms, fit_parts, likeness_of
from dog.models.start.taste import Floats

FOLDS = 4
BAND_CUTS = ((0,), (1,), (2, 3, 4), (5, 10, 20))
"""Events after which the episodes of each band are cut; contacts take turns."""
MOST_CELLS = 4_000_000
"""Contacts x products of the episodes that a band is calibrated on, unless these are fewer than `LEAST_EPISODES`."""
LEAST_EPISODES = 500
MOST_ROWS = 100_000
RIDGE = 1.0
COLD_PRIOR, COLD_SCALE = 0.5, 0.2
"""What the weight of the cold products' terms is drawn towards, by a ridge of 1 / scale squared: few events say it."""
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Popularity:
    """How hazard and share of a product become one log odds."""

    intercept: float = 0.0
    hazard: float = 1.0
    share: float = 0.0

    def combine(self, log_odds: Floats) -> Floats:
        """Return one log odds of those of hazard and share, shape (2, products)."""
        return np.asarray(self.intercept + self.hazard * log_odds[0] + self.share * log_odds[1])


def offsets_of(parts: StartParts, popularity: Popularity, *, by_segment: bool) -> Floats:
    """Return the log odds of popularity by level: of all contacts, then of each segment; shape (levels, products)."""
    levels = [parts.counts.log_odds()]
    if by_segment:
        levels += [counts.log_odds(towards=parts.counts) for counts in parts.segment_counts]
    return np.stack([popularity.combine(level) for level in levels])


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossFit:
    """The folds: which contact is in which, and the parts fitted without each."""

    data: TrainingData
    folds: np.ndarray
    parts: Sequence[StartParts]
    cold: Sequence[ColdTerms]
    judged: np.ndarray  # contacts that calibrate and prove

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

    def episodes(self, band: int) -> Iterator[tuple[int, Episodes, np.ndarray]]:
        """Yield fold, episodes and numbers of their contacts; each contact has at most one episode a band."""
        cuts, turns = BAND_CUTS[band], np.arange(len(self.folds)) // FOLDS
        for fold in range(FOLDS):
            for turn, event_count in enumerate(cuts):
                own = np.flatnonzero((self.folds == fold) & self.judged & (turns % len(cuts) == turn))
                found = cut(self.data.histories.select(own), event_count)
                if len(found.contacts):
                    yield fold, found, own[found.contacts]

    def fit_popularity(self) -> Popularity:
        """Fit the log odds of popularity to the episodes of all bands."""
        rows, wanted = [], []
        for band in range(len(BAND_CUTS)):
            for fold, found, _ in self.episodes(band):
                level = self.parts[fold].counts.log_odds()
                rows.append(np.stack([np.broadcast_to(row, found.open.shape)[found.open] for row in level]))
                wanted.append(found.wanted[found.open])
        intercept, hazard, share = _fit(np.concatenate(rows, axis=1), np.concatenate(wanted), np.array([0.5, 0.5]))
        return Popularity(intercept=intercept, hazard=hazard, share=share)

    def judge_segments(self, popularity: Popularity) -> Verdict | None:
        """Compare the popularity of each contact's segment with that of all contacts; None without segments."""
        if not self.data.segment_names:
            return None
        levels = [offsets_of(parts, popularity, by_segment=True) for parts in self.parts]
        of_segment, of_all = [], []
        for fold, found, contacts in self.episodes(0):
            of_segment.append(list_quality(levels[fold][self.data.segments[contacts] + 1], found))
            of_all.append(list_quality(levels[fold][0], found))
        return compare(_together(of_segment), _together(of_all))

    def fit_band(self, band: int, popularity: Popularity, *, by_segment: bool) -> tuple[Band, Verdict | None]:
        """Calibrate a band; taste and fold-in count where they are proved."""
        levels = [offsets_of(parts, popularity, by_segment=by_segment) for parts in self.parts]
        scored = [
            self._score(fold, episodes, contacts, levels[fold], by_segment=by_segment)
            for fold, episodes, contacts in self.episodes(band)
        ]
        if not scored:
            return Band(), None
        popular = _calibrate(scored, with_taste=False)
        verdict = _judge(scored, popular)
        return (_calibrate(scored, with_taste=True) if verdict.on else popular), verdict

    def _score(
        self, fold: int, episodes: Episodes, contacts: np.ndarray, levels: Floats, *, by_segment: bool
    ) -> FoldScores:
        parts, cold, has_events = self.parts[fold], self.cold[fold], episodes.event_count > 0
        known = episodes.known if has_events else np.full((len(contacts), 1), -1)
        tastes, folded = parts.adapt(self.data.encoded[contacts], known), parts.fold_in.fold_all(known)
        likeness = likeness_of(
            self.data.histories.select(contacts).first(episodes.event_count), self.data.encoded_products
        )
        added = np.zeros(episodes.open.shape)
        every = np.arange(len(cold.products))
        added[:, cold.products] = cold.log_odds(every, tastes, folded, likeness, np.full(len(contacts), has_events))
        return FoldScores(
            fold=fold,
            episodes=episodes,
            offsets=levels[self.data.segments[contacts] + 1 if by_segment else np.zeros(len(contacts), np.int64)],
            tastes=tastes @ parts.vectors.T,
            folded=np.where(parts.warm, folded @ parts.fold_in.factors.T, 0.0),
            cold=added,
        )


def _judge(scored: Sequence[FoldScores], popular: Band) -> Verdict:
    """Compare taste and fold-in, calibrated on the other folds, with popularity alone."""
    challenger, base = [], []
    for fold in range(FOLDS):
        own = [one for one in scored if one.fold == fold]
        band = _calibrate([one for one in scored if one.fold != fold] or scored, with_taste=True)
        challenger += [list_quality(one.log_odds(band), one.episodes) for one in own]
        base += [list_quality(one.log_odds(popular), one.episodes) for one in own]
    return compare(_together(challenger), _together(base))


def _together(found: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    return np.concatenate([ndcg for ndcg, _ in found]), np.concatenate([auc for _, auc in found])


def _calibrate(scored: Sequence[FoldScores], *, with_taste: bool) -> Band:
    """Fit the calibration of a band to episodes; coefficients are at least 0."""
    wanted = np.concatenate([one.episodes.wanted[one.episodes.open] for one in scored])
    offsets, *others = (
        np.concatenate([getattr(one, name)[one.episodes.open] for one in scored])
        for name in ("offsets", "tastes", "folded", "cold")
    )
    spreads = [*(float(column.std()) or 1.0 for column in others[:2]), 1 / COLD_SCALE]
    used = [column / spread for column, spread in zip(others, spreads, strict=True)] if with_taste else []
    prior = np.array([1.0, 0.0, 0.0, COLD_PRIOR / COLD_SCALE][: 1 + len(used)])
    intercept, popularity, *weights = _fit(np.stack([offsets, *used]), wanted, prior)
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


def _fit(features: Floats, wanted: np.ndarray, prior: Floats) -> list[float]:
    """Return intercept and coefficients; of the rows that are not wanted a sample is used, for speed.

    References
    ----------
    King, Zeng 2001, "Logistic Regression in Rare Events Data": the intercept is corrected for the sampling.
    """
    share = min(1.0, MOST_ROWS / len(wanted))
    used = wanted | (np.random.default_rng(SEED).random(len(wanted)) < share)
    if not wanted.any() or wanted.all():
        return [0.0, *prior.tolist()]
    fit = fit_logistic(features[:, used], wanted[used], np.zeros(int(used.sum()), np.int64), prior, RIDGE)
    return [fit.intercept + float(np.log(share)), *fit.coefficients.tolist()]
