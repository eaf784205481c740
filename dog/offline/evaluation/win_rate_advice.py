"""Whether past win rates predict future wins here: the evidence, and one sentence of advice."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.win_rates import PAIR_STRENGTHS
from dog.offline.evaluation.alternative_settings import Alternatives, BetterSettings, best_alternative, gain_of
from dog.offline.history.pitches import PastRecord, Pitches
from dog.offline.replay.weekly_multipliers import WeeklyMultipliers
from dog.offline.statistics.discrimination import Floats, auc, auc_within, ranks, ranks_within
from dog.offline.statistics.intervals import Estimate, bootstrap, bootstrap_mean
from dog.offline.statistics.probabilities import squared_errors

Assessment = Literal["predicts", "known to the score", "says nothing", "misleads", "cannot be told"]

MIN_PITCHES, MIN_WINS = 500, 30
"""Pitches with a past, and wins among them, below which there is no advice."""
GUESSING = 0.5
NEGLIGIBLE_AUC = 0.005
"""Change of an AUC that is ignored, however certain."""
OFF = "so set a_max and d_min to 1 until that changes"
RATE_STEPS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 1.0)
SEEN_STEPS = (0, 1, 2, 3, 5, 10, 20)
"""Lower bounds of the classes of the few-shot curve, in resolved pitches of the pair."""


@dataclass(frozen=True, slots=True)
class PitchClass:
    """A class of pitches, as one point of a curve: its size, and figures with their intervals."""

    label: str
    pitches: int
    figures: dict[str, Estimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRateEvidence:
    """What the history says about past win rates.

    Parameters
    ----------
    verdict, advice
        The result as a word and as a sentence.
    pitches, wins
        Pitches whose pair had a resolved pitch before (and a score, where 500 have), and wins among them.
    auc_rate, auc_own
        AUC of the pair's past win rate on those pitches, and of its raw rate between pitches of the same product.
    auc_score, auc_together, auc_gain
        AUC of the consolidated score, of score times multiplier, and the difference, on the same pitches;
        without scores NaN, NaN and that of the multiplier alone less 0.5.
    auc_gain_all
        The same difference over all pitches with a score, including pairs never pitched before.
    strength
        Fitted pseudo-pitches that a product's rate is worth for a pair, 2 to 200: after that many pitches a
        pair's own record counts half.
    multipliers
        2.5th percentile, median and 97.5th percentile of all pairs' multipliers at the end.
    next_by_rate
        Next win rate by past win rate.
    few_shot
        Squared error of predictions by number of pitches seen: the product's rate, the pair's raw and shrunk.
    remedy
        Settings that do better; only sought where the active ones lower the score's AUC, or do not raise it.

    """

    verdict: Assessment
    advice: str
    pitches: int
    wins: int
    auc_rate: Estimate
    auc_own: Estimate
    auc_score: Estimate
    auc_together: Estimate
    auc_gain: Estimate
    auc_gain_all: Estimate
    strength: float
    multipliers: tuple[float, float, float]
    next_by_rate: Sequence[PitchClass]
    few_shot: Sequence[PitchClass]
    remedy: BetterSettings | None = None


def assess_win_rates(
    pitches: Pitches,
    past: PastRecord,
    replayed: WeeklyMultipliers,
    score: Floats,
    alternatives: Alternatives = MappingProxyType({}),
) -> WinRateEvidence:
    """Assess whether past win rates predict wins, alone and in addition to the score.

    `past` is what was known of each pitch's pair, `replayed` holds multipliers and rates at each pitch, `score` the
    consolidated score, NaN where none, shape (pitches,). `alternatives` are tried where the settings of `replayed` do
    harm.
    """
    seen = past.pitches > 0
    both = seen & ~np.isnan(score)
    scored = bool(both.sum() >= MIN_PITCHES)
    seen = both if scored else seen
    some, wins = pitches.where(seen), int(pitches.won[seen].sum())
    rate, multiplier = replayed.win_rate[seen], replayed.multiplier[seen]
    base = score[seen] if scored else np.ones(len(some))
    auc_rate = _auc(some, ranks(rate))
    gain = gain_of(some, base, multiplier)
    known = ~np.isnan(score)
    gain_all = gain_of(pitches.where(known), score[known], replayed.multiplier[known]) if scored else gain
    helps = gain.low > 0 and not _harms(gain_all)
    remedy = None if helps or not scored else best_alternative(pitches, score, seen, alternatives)
    low, middle, high = np.quantile(replayed.last, (0.025, 0.5, 0.975)) if len(replayed.last) else (1.0, 1.0, 1.0)
    found = WinRateEvidence(
        verdict=_assess(len(some), wins, auc_rate, gain, remedy, scored=scored),
        advice="",
        pitches=len(some),
        wins=wins,
        auc_rate=auc_rate,
        auc_own=_auc_within_products(some, past.wins[seen] / past.pitches[seen]),
        auc_score=_auc(some, ranks(base)) if scored else Estimate(),
        auc_together=_auc(some, ranks(base * multiplier)) if scored else Estimate(),
        auc_gain=gain,
        auc_gain_all=gain_all,
        strength=replayed.priors.pair_strength,
        multipliers=(float(low), float(middle), float(high)),
        next_by_rate=next_rates(pitches, past),
        few_shot=few_shot_curve(pitches, past, replayed),
        remedy=remedy,
    )
    return replace(found, advice=advise(found))


def _auc(pitches: Pitches, rank: NDArray[np.int64]) -> Estimate:
    return bootstrap(pitches.contact, lambda weights: auc(pitches.won, rank, weights))


def _auc_within_products(pitches: Pitches, rate: Floats) -> Estimate:
    within = ranks_within(rate, pitches.product)
    return bootstrap(pitches.contact, lambda weights: auc_within(pitches.won, within, weights))


def _assess(
    pitches: int, wins: int, alone: Estimate, gain: Estimate, remedy: BetterSettings | None, *, scored: bool
) -> Assessment:
    if pitches < MIN_PITCHES or wins < MIN_WINS or np.isnan(alone.low):
        return "cannot be told"
    remedied = remedy is not None and remedy.gain.low > 0
    if _harms(gain) and not remedied:
        return "misleads"
    if alone.low <= GUESSING:
        return "says nothing"
    return "predicts" if gain.low > 0 or remedied or not scored else "known to the score"


def _harms(gain: Estimate) -> bool:
    return gain.high < 0 and gain.value < -NEGLIGIBLE_AUC


def advise(found: WinRateEvidence) -> str:
    """Return the advice as one sentence."""
    alone, gain = found.auc_rate, found.auc_gain
    area = f"AUC {alone.value:.3f} ({alone.low:.3f} to {alone.high:.3f})"
    scored = not np.isnan(found.auc_score.value)
    more = f"{_span(gain)} beside the score" if scored else "no score beside"
    fitted = f"the fitted strength is {found.strength:.0f} pitches"
    near = f"95% of the multipliers lie between {found.multipliers[0]:.2f} and {found.multipliers[2]:.2f}"
    own = _own_record(found, fitted)
    if found.verdict == "cannot be told":
        return (
            f"Whether past win rates predict here cannot be told yet: {found.pitches:,} pitches with {found.wins:,} "
            f"wins had a past, and it takes {MIN_PITCHES:,} with {MIN_WINS}, of 20 contacts; {fitted}, {near}."
        )
    if found.verdict == "misleads":
        return (
            f"Multipliers mislead here: they change the score's AUC by {_span(gain)}, while past win rates alone have "
            f"{area}; {_suggestion(found)}; {own}."
        )
    harmful = _harms(found.auc_gain_all) or _harms(gain)
    keep = "so keep the multipliers on"
    if harmful:
        keep = (
            f"but as they are set, over all pitches, new pairs included, multipliers change the score's AUC by "
            f"{_span(found.auc_gain_all)}; {_suggestion(found)}"
        )
    elif found.remedy is not None:
        keep = f"but not as they are set; {_suggestion(found)}"
    neither = keep if harmful else "multipliers neither help nor harm, and could be held nearer to 1"
    return {
        "predicts": f"Past win rates predict here: {area} alone, {more}, {keep}; {own}.",
        "known to the score": f"Past win rates predict here, {area}, but tell nothing that the score does not know, "
        f"{more}; {neither}; {own}.",
        "says nothing": f"Past win rates say nothing here: {area} alone, {more}, so expect nothing of the "
        f"multipliers; {fitted}, {near}.",
    }[found.verdict]


def _suggestion(found: WinRateEvidence) -> str:
    """Return which settings would do better, and by how much."""
    remedy = found.remedy
    if remedy is None:
        known = found.auc_rate.low > GUESSING
        return 'what the score knows is counted twice, so set neutral = "score"' if known else OFF
    if remedy.gain_all.high < 0:
        return OFF
    return f"with {remedy.settings} the change would be {_span(remedy.gain_all)}, so set that"


def _span(gain: Estimate) -> str:
    return f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"


def _own_record(found: WinRateEvidence, fitted: str) -> str:
    """Return how much a pair's own record counts compared with its product's."""
    if found.strength < PAIR_STRENGTHS[1]:
        return f"{fitted}: after so many, a pair's own record counts as much as its product's"
    if found.auc_own.low > GUESSING:
        return f"{fitted}, the largest: pairs count nearly as their product does, although their own record tells more"
    return f"{fitted}, the largest: it is the product's rate that predicts, pairs of a product do not differ"


def next_rates(pitches: Pitches, past: PastRecord) -> list[PitchClass]:
    """Return the next win rate by the raw past win rate of the pair; pitches without a past come first."""
    rate = np.divide(past.wins, past.pitches, out=np.full(len(pitches), -1.0), where=past.pitches > 0)
    classes = [("none yet", rate < 0), ("0", rate == 0)]
    for low, high in itertools.pairwise(RATE_STEPS):
        classes.append((f"{low:.0%} to {high:.0%}", (rate > low) & (rate <= high)))
    return [
        PitchClass(
            label, int(chosen.sum()), {"next_rate": bootstrap_mean(pitches.contact[chosen], pitches.won[chosen])}
        )
        for label, chosen in classes
        if chosen.any()
    ]


def few_shot_curve(pitches: Pitches, past: PastRecord, replayed: WeeklyMultipliers) -> list[PitchClass]:
    """Return the squared error of a pair's predicted rate by the number of its earlier pitches."""
    raw = np.divide(past.wins, past.pitches, out=replayed.product_rate.copy(), where=past.pitches > 0)
    rates = {"product's rate": replayed.product_rate, "raw rate": raw, "shrunk rate": replayed.win_rate}
    errors = {name: squared_errors(pitches.won, rate) for name, rate in rates.items()}
    curve = []
    for low, high in zip(SEEN_STEPS, (*SEEN_STEPS[1:], np.inf), strict=True):
        chosen = (past.pitches >= low) & (past.pitches < high)
        if chosen.any():
            label = f"{low}" if high == low + 1 else f"{low} or more" if high == np.inf else f"{low} to {high - 1:.0f}"
            figures = {name: bootstrap_mean(pitches.contact[chosen], error[chosen]) for name, error in errors.items()}
            curve.append(PitchClass(label, int(chosen.sum()), figures))
    return curve
