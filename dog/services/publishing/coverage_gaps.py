"""Who gets nothing or only poor offers, by segment, and which cause is why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.services.lists.taken_offers import Cause
from dog.services.publishing.measure_coverage import CauseEffect, Coverage

MOST_LISTED = 20
MOST_NAMED = 3
MOST_SEGMENTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How many contacts there are, how many of them get nothing, and how many only poor offers."""

    contacts: int
    nothing: int
    poor: int
    best: float | None  # median of the best scores, None where nobody gets an offer


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseGap:
    """What one cause takes from the chosen contacts, and what they would have without it."""

    cause: Cause
    contacts: int  # from which it takes anything
    options: int
    nothing: int  # that get nothing, and would get something without it
    poor: int  # that get only poor offers, and would get a better one that is not poor
    best: float | None  # mean of the best scores that those would have
    products: Sequence[int]  # numbers of the products that it takes most often, of all contacts
    product_count: int  # how many products it takes of all contacts
    segments: Sequence[tuple[str, int]]  # of the contacts from which it takes anything, most first


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageGaps:
    """The gaps of all contacts, or of one segment."""

    total: Gap
    segments: Sequence[tuple[str, Gap]]  # of all contacts, those with the most gaps first
    segment_count: int  # how many segments there are, those beyond the first ones too
    causes: Sequence[CauseGap]  # that leave most contacts with gaps first
    unscored: int  # contacts that get nothing since no product has a score
    together: int  # contacts that get nothing, and would not without any one cause alone
    listed: Sequence[tuple[bytes, float | None]]  # digests of contacts with gaps and their best scores, nothing first


def find_gaps(coverage: Coverage, least: float, segment: str | None = None) -> CoverageGaps:
    """Return the contacts whose best score is under `least`, or that get nothing, of a segment or of all."""
    segments = np.array(coverage.segments, object)
    chosen = np.ones(len(segments), bool) if segment is None else segments == segment
    by_segment = _gaps_of_segments(coverage, least)
    nothing, poor = np.isnan(coverage.best), coverage.best < least
    causes = [_cause_gap(coverage, cause, effect, chosen, least) for cause, effect in coverage.causes.items()]
    freed = np.zeros(len(segments), bool)
    for effect in coverage.causes.values():
        freed[effect.contacts[~np.isnan(effect.best)]] = True
    order = np.argsort(np.where(nothing, -1.0, coverage.best), kind="stable")
    listed = order[(chosen & (nothing | poor))[order]][:MOST_LISTED].tolist()
    return CoverageGaps(
        total=_gap(coverage.best[chosen], least),
        segments=by_segment[:MOST_SEGMENTS],
        segment_count=len(by_segment),
        causes=sorted(
            (gap for gap in causes if gap.contacts),
            key=lambda gap: (-gap.nothing - gap.poor, -gap.contacts, gap.cause),
        ),
        unscored=int((chosen & ~coverage.scored).sum()),
        together=int((chosen & nothing & coverage.scored & ~freed).sum()),
        listed=[(coverage.contacts[place], _number(coverage.best[place])) for place in listed],
    )


def _gaps_of_segments(coverage: Coverage, least: float) -> list[tuple[str, Gap]]:
    names, numbers, counts = np.unique(coverage.segments, return_inverse=True, return_counts=True)
    best_of = np.split(coverage.best[np.argsort(numbers)], np.cumsum(counts)[:-1]) if len(names) else []
    found = [(str(name), _gap(best, least)) for name, best in zip(names, best_of, strict=True)]
    return sorted(found, key=lambda one: (-one[1].nothing - one[1].poor, one[0]))


def _gap(best: np.ndarray, least: float) -> Gap:
    offered = best[~np.isnan(best)]
    return Gap(
        contacts=len(best),
        nothing=len(best) - len(offered),
        poor=int((offered < least).sum()),
        best=float(np.median(offered)) if len(offered) else None,
    )


def _cause_gap(coverage: Coverage, cause: Cause, effect: CauseEffect, chosen: np.ndarray, least: float) -> CauseGap:
    own = chosen[effect.contacts]
    places, without = effect.contacts[own], effect.best[own]
    now = coverage.best[places]
    nothing, poor = np.isnan(now) & ~np.isnan(without), (now < least) & (without >= least)
    helped = without[nothing | poor]
    named = Counter(coverage.segments[place] for place in places.tolist())
    return CauseGap(
        cause=cause,
        contacts=len(places),
        options=int(effect.options[own].sum()),
        nothing=int(nothing.sum()),
        poor=int(poor.sum()),
        best=float(helped.mean()) if len(helped) else None,
        products=[int(one) for one in np.argsort(-effect.products, kind="stable")[:MOST_NAMED] if effect.products[one]],
        product_count=int((effect.products > 0).sum()),
        segments=named.most_common(MOST_NAMED),
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
