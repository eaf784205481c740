"""Whether past win rates predict future wins here: the evidence, and one sentence of advice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.win_rates import PAIR_STRENGTHS
from dog.offline.evaluation.alternative_settings import Alternatives, BetterSettings, best_alternative
from dog.offline.evaluation.win_rate_curves import PitchClass, few_shot_curve, next_rates
from dog.offline.evaluation.works import Run, Work, run_in_turn
from dog.offline.history.pitches import PastRecord, Pitches
from dog.offline.replay.weekly_multipliers import WeeklyMultipliers
from dog.offline.statistics.discrimination import Floats, draw_auc, rank
from dog.offline.statistics.intervals import MIN_CONTACTS, MIN_WEEKS, Clusters, Estimate, bootstrap
from dog.offline.statistics.score_change import NEGLIGIBLE_AUC, Prediction, ScoreChange, compare_predictions

Assessment = Literal["predicts", "known to the score", "says nothing", "misleads", "not known"]

MIN_PITCHES, MIN_WINS = 500, 30
"""Pitches with a past, and wins among them, below which there is no advice."""
GUESSING = 0.5
TOGETHER = "together"
OFF = "so set a_max and d_min to 1 until that changes"


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
    effects
        What the multiplier changes over all pitches with a score: `together`, by the ratios of `products` alone, and
        by those of `pairs` alone. Empty without scores.
    strength
        Fitted pseudo-pitches that a product's rate is worth for a pair, 2 to 200: after that many pitches a
        pair's own record counts half.
    trust
        How much the multiplier believes past records at the end, of products and of pairs, 0 to 1; None where it is a
        curve over win rates.
    absorbed
        Share of the evidence that new scores took out at each refit of the models, in order.
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
    effects: Mapping[str, ScoreChange]
    strength: float
    trust: tuple[float, float] | None
    absorbed: Sequence[float]
    multipliers: tuple[float, float, float]
    next_by_rate: Sequence[PitchClass]
    few_shot: Sequence[PitchClass]
    remedy: BetterSettings | None = None


def assess_win_rates(
    pitches: Pitches,
    past: PastRecord,
    replayed: WeeklyMultipliers,
    score: Floats,
    served: Mapping[str, Prediction],
    alternatives: Alternatives = MappingProxyType({}),
    trust: tuple[float, float] | None = None,
    run: Run = run_in_turn,
) -> WinRateEvidence:
    """Assess whether past win rates predict wins, alone and in addition to the score.

    `past` is what was known of each pitch's pair, `replayed` holds multipliers and rates at each pitch, `score` the
    consolidated score, NaN where none, shape (pitches,). `served` holds what the policy would have said with its
    multiplier (`together`), and with parts of it. `alternatives` are tried where the settings of `replayed` do harm.
    `trust` is that at the end, where the multiplier has one. What takes long is run by `run`.
    """
    seen = past.pitches > 0
    both = seen & ~np.isnan(score)
    scored = bool(both.sum() >= MIN_PITCHES)
    seen = both if scored else seen
    some, wins = pitches.where(seen), int(pitches.won[seen].sum())
    base, together = Prediction(score, score), served[TOGETHER]
    if not scored:
        flat = np.full(len(pitches), GUESSING)
        base, together = Prediction(flat, flat), Prediction(replayed.multiplier, flat)
    curves: list[Work] = [
        partial(compare_predictions, some.clusters, some.won, base.where(seen), together.where(seen)),
        partial(_auc, some.clusters, some.won, replayed.win_rate[seen]),
        partial(_auc, some.clusters, some.won, past.wins[seen] / past.pitches[seen], some.product),
    ]
    if scored:
        curves += [partial(_auc, some.clusters, some.won, one.order[seen]) for one in (base, together)]
    shown = served if scored else {}
    changes: list[Work] = [
        partial(compare_predictions, pitches.clusters, pitches.won, base, told) for told in shown.values()
    ]
    found = run([*changes, *curves])
    effects: dict[str, ScoreChange] = dict(zip(shown, found[: len(shown)], strict=True))
    gain, auc_rate, auc_own, auc_score, auc_together = (*found[len(shown) :], Estimate(), Estimate())[:5]
    gain_all = effects.get(TOGETHER, gain)
    helps = gain.auc.above(0) and not gain_all.ranks_worse()
    remedy = (
        None if helps or not scored else best_alternative(pitches.clusters, pitches.won, base, seen, alternatives, run)
    )
    low, middle, high = np.quantile(replayed.last, (0.025, 0.5, 0.975)) if len(replayed.last) else (1.0, 1.0, 1.0)
    evidence = WinRateEvidence(
        verdict=_assess(len(some), wins, auc_rate, gain, remedy, scored=scored),
        advice="",
        pitches=len(some),
        wins=wins,
        auc_rate=auc_rate,
        auc_own=auc_own,
        auc_score=auc_score,
        auc_together=auc_together,
        auc_gain=gain.auc,
        auc_gain_all=gain_all.auc,
        effects=effects,
        strength=replayed.priors.pair_strength,
        trust=trust,
        absorbed=list(replayed.absorbed.values()),
        multipliers=(float(low), float(middle), float(high)),
        next_by_rate=next_rates(pitches, past),
        few_shot=few_shot_curve(pitches, past, replayed),
        remedy=remedy,
    )
    return replace(evidence, advice=advise(evidence))


def _auc(clusters: Clusters, won: Floats, score: Floats, group: NDArray[np.int64] | None = None) -> Estimate:
    ranked = rank(won, score, group)
    return bootstrap(clusters, lambda drawn: draw_auc(ranked, drawn.position, drawn.times))


def _assess(
    pitches: int, wins: int, alone: Estimate, gain: ScoreChange, remedy: BetterSettings | None, *, scored: bool
) -> Assessment:
    if pitches < MIN_PITCHES or wins < MIN_WINS or np.isnan(alone.low) or np.isnan(alone.week_low):
        return "not known"
    remedied = remedy is not None and remedy.gain.above(0)
    if gain.ranks_worse() and not remedied:
        return "misleads"
    if not alone.above(GUESSING):
        half_told = alone.low > GUESSING or alone.week_low > GUESSING
        return "not known" if half_told else "says nothing"
    return "predicts" if gain.auc.above(0) or remedied or not scored else "known to the score"


def _harms(gain: Estimate) -> bool:
    return gain.below(0) and gain.value < -NEGLIGIBLE_AUC


def advise(found: WinRateEvidence) -> str:
    """Return the advice as one sentence."""
    alone, gain = found.auc_rate, found.auc_gain
    area = f"AUC {alone.value:.3f} ({_intervals(alone)})"
    scored = not np.isnan(found.auc_score.value)
    more = f"{gain.span()} beside the score" if scored else "no score beside"
    fitted = f"the fitted strength is {found.strength:.0f} pitches"
    near = f"95% of the multipliers lie between {found.multipliers[0]:.2f} and {found.multipliers[2]:.2f}"
    own = _own_record(found, fitted)
    if found.verdict == "not known" and found.pitches >= MIN_PITCHES and found.wins >= MIN_WINS:
        return (
            f"Whether past win rates predict here is not known yet: {area} alone, and it takes both intervals above "
            f"0.5; {fitted}, {near}."
        )
    if found.verdict == "not known":
        return (
            f"Whether past win rates predict here is not known yet: {found.pitches:,} pitches with {found.wins:,} "
            f"wins had a past, and it takes {MIN_PITCHES:,} with {MIN_WINS}, of {MIN_CONTACTS} contacts in {MIN_WEEKS} "
            f"weeks; {fitted}, {near}."
        )
    if found.verdict == "misleads":
        return (
            f"Multipliers mislead here: they change {_worst(found)}, while past win rates alone have {area}; "
            f"{_suggestion(found)}; {own}."
        )
    harmful = _harms(gain) or any(effect.ranks_worse() for effect in _together(found))
    keep = "so keep the multipliers on"
    if harmful:
        keep = (
            f"but as they are set, over all pitches, new pairs included, multipliers change {_worst(found)}; "
            f"{_suggestion(found)}"
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
    if remedy is None or remedy.gain_all.below(0):
        return OFF
    return f"with {remedy.settings} the change would be {remedy.gain_all.span()}, so set that"


def _together(found: WinRateEvidence) -> list[ScoreChange]:
    return [found.effects[TOGETHER]] if TOGETHER in found.effects else []


def _worst(found: WinRateEvidence) -> str:
    """Return which ranking the multiplier harms, over all pitches if it is known there, and by how much."""
    for effect in _together(found):
        harmed = [(name, change) for name, change in effect.rankings() if _harms(change)]
        if harmed:
            name, change = min(harmed, key=lambda row: row[1].value)
            return f"the score's {name} by {change.span()}"
    return f"the score's AUC by {found.auc_gain.span()}"


def _intervals(found: Estimate) -> str:
    weeks = "too few weeks" if np.isnan(found.week_low) else f"by weeks {found.week_low:.3f} to {found.week_high:.3f}"
    return f"by contacts {found.low:.3f} to {found.high:.3f}, {weeks}"


def _own_record(found: WinRateEvidence, fitted: str) -> str:
    """Return how much a pair's own record counts compared with its product's."""
    if found.strength < PAIR_STRENGTHS[1]:
        return f"{fitted}: after that many, a pair's own record counts as much as its product's"
    if found.auc_own.above(GUESSING):
        return f"{fitted}, the largest: pairs count nearly as their product does, although their own record tells more"
    return f"{fitted}, the largest: it is the product's rate that predicts, pairs of a product do not differ"
