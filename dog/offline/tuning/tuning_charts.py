"""Charts of a search over settings as SVG.

Not `optuna.visualization`: its charts are experimental, draw through pyplot's global state, take studies instead of
figures, and have no line for the active policy.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dog.offline.report_charts import CHART_COLOURS, INK, as_svg, dress, new_figure
from dog.offline.statistics.discrimination import Floats

CHARTS_PER_ROW = 3
SHOWN_SHARE = 0.95
"""The worst 5 % of the trials are cut off: they would flatten the picture of the others."""


def draw_settings(trials: Sequence[Mapping[str, Any]], values: Floats) -> bytes:
    """Draw each setting against the log loss, one small chart per setting, the best trial marked."""
    names = sorted({name for trial in trials for name in trial})
    down = max(1, -(-len(names) // CHARTS_PER_ROW))
    figure, first = new_figure(9.0, 2.4 * down)
    first.remove()
    best = int(np.argmin(values))
    for place, name in enumerate(names, 1):
        axes = dress(figure.add_subplot(down, CHARTS_PER_ROW, place))
        rows = [row for row, trial in enumerate(trials) if name in trial]
        rows.sort(key=lambda row: (str(type(trials[row][name])), trials[row][name]))  # categories by name
        axes.plot(
            [trials[row][name] for row in rows], values[rows], "o", color=CHART_COLOURS[0], markersize=3, alpha=0.6
        )
        if name in trials[best]:
            axes.plot([trials[best][name]], [values[best]], "D", color=CHART_COLOURS[1], markersize=6)
        _cut(axes, values)
        axes.set_xlabel(name)
        if place % CHARTS_PER_ROW == 1:
            axes.set_ylabel("log loss")
    return as_svg(figure)


def draw_importances(importances: Mapping[str, float]) -> bytes:
    """Draw the share of the variance that each setting explains, the largest on top."""
    shares = sorted(importances.items(), key=lambda row: row[1])
    figure, axes = new_figure(height=1.0 + 0.3 * len(shares))
    axes.barh([name for name, _ in shares], [share for _, share in shares], color=CHART_COLOURS[0])
    axes.set_xlabel("share of the differences in log loss that the setting explains")
    return as_svg(figure)


def draw_progress(studies: Mapping[str, Floats], policy: float | None = None) -> bytes:
    """Draw the best log loss after each trial, one line per sampler, and that of the active policy."""
    figure, axes = new_figure()
    best = {name: np.minimum.accumulate(values) for name, values in studies.items()}
    for number, (name, values) in enumerate(best.items()):
        colour = CHART_COLOURS[number % len(CHART_COLOURS)]
        axes.step(np.arange(1, len(values) + 1), values, where="post", color=colour, label=name)
    if policy is not None:
        axes.axhline(policy, color=INK, linewidth=0.8, linestyle=":", label="active policy")
    axes.set_xlabel("trial")
    axes.set_ylabel("best log loss so far")
    axes.legend(frameon=False, fontsize=8)
    return as_svg(figure)


def _cut(axes: Any, values: Floats) -> None:
    low, high = float(values.min()), float(np.quantile(values, SHOWN_SHARE))
    if high > low:
        axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
