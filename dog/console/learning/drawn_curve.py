"""What the page draws for a form: the chart that applies, examples, warnings, what the next recompute moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.console.chart import Chart
from dog.console.learning.curve_chart import MOST_RATIO, Bins, chart_ratios, chart_win_rates
from dog.console.learning.curve_form import changed_document, read_settings
from dog.console.learning.curve_words import move_sentence, warning_sentences
from dog.console.session import runtime, tenant
from dog.core.learning.priors import Priors
from dog.core.learning.reinforcement import trust_of
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.trust import PRIOR_TRUST
from dog.core.learning.win_rates import NO_EVIDENCE_RATE
from dog.services.pairs.pair_table import PairTable, PairTables, count_bins, preview_moves
from dog.services.publishing.draw_curves import draw_curve
from dog.services.publishing.example_pairs import PairExample, example_pairs

WIN_RATES = [place / 200 for place in range(201)]
EXAMPLES = ((0, 1), (0, 5), (0, 20), (1, 1), (1, 5), (3, 5), (5, 20))
"""Wins and pitches."""
READ_WAIT_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCurve:
    """A curve of the form as the template shows it."""

    chart: Chart
    examples: list[PairExample]  # empty where the multiplier is a curve over win rates
    pair_trust: float
    warnings: list[str]
    moves: str  # empty before the first version


def draw_curve_of(policy: str, document: Mapping[str, Any], form: Mapping[str, str]) -> DrawnCurve:
    """Draw the curve of a form beside that of the live document of a policy."""
    live, wanted = read_settings(document), read_settings(changed_document(document, form))
    table = runtime().shared(PairTables).of(runtime(), tenant(), policy, READ_WAIT_SECONDS)
    priors = table.multipliers.priors if table else None
    k = max(0, min(5, int(form.get("k") or 0)))
    drawn = draw_curve(runtime(), tenant(), _fields(wanted), WIN_RATES, [0] if k == 0 else [0, k])
    by_expected = wanted.neutral == "expected"
    pair_trust = _pair_trust(wanted, priors)
    if by_expected:
        beside = (live, _pair_trust(live, priors)) if live.neutral == "expected" else None
        chart = chart_ratios((wanted, pair_trust), beside, _bins(table, by_expected=True))
    else:
        active = draw_curve(runtime(), tenant(), _fields(live), WIN_RATES, [0])
        chart = chart_win_rates(drawn, active, _bins(table, by_expected=False), k)
    chance = priors.global_rate if priors else NO_EVIDENCE_RATE
    return DrawnCurve(
        chart=chart,
        examples=example_pairs(wanted, pair_trust, chance, EXAMPLES) if by_expected else [],
        pair_trust=pair_trust,
        warnings=warning_sentences(drawn["warnings"]),
        moves=move_sentence(preview_moves(table, wanted), wanted.max_step) if table else "",
    )


def _pair_trust(settings: Reinforcement, priors: Priors | None) -> float:
    if priors is not None:
        return trust_of(priors, settings)[1]
    return (settings.fixed_trust or (PRIOR_TRUST, PRIOR_TRUST))[1]


def _bins(table: PairTable | None, *, by_expected: bool) -> Bins | None:
    if table is None:
        return None
    pitched = table.pitches > 0
    values, top = (table.now.pair_ratio, MOST_RATIO) if by_expected else (table.now.win_rate, 1.0)
    return count_bins(np.asarray(values[pitched]), 0.0, top)


def _fields(settings: Reinforcement) -> dict[str, Any]:
    """Return the settings that `draw_curve` takes."""
    plain = {name: getattr(settings, name) for name in ("family", "neutral", "a_max", "d_min")}
    return plain | {"reading": settings.recursion.reading, "n": settings.recursion.n}
