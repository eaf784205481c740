"""Charts of an evaluation as SVG."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from dog.offline.evaluation.impact import SplitImpact
from dog.offline.evaluation.prediction_quality import GroupQuality, PredictionQuality
from dog.offline.evaluation.win_rate_curves import PitchClass
from dog.offline.report_charts import CHART_COLOURS, INK, as_svg, new_figure
from dog.offline.statistics.intervals import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def _errors(estimates: Sequence[Estimate]) -> np.ndarray:
    """Return the lengths of error bars below and above the values, of the wider interval; 0 where there is none."""
    below = [estimate.value - np.fmin(estimate.low, estimate.week_low) for estimate in estimates]
    above = [np.fmax(estimate.high, estimate.week_high) - estimate.value for estimate in estimates]
    return np.maximum(0.0, np.nan_to_num(np.array([below, above])))


def draw_auc(judged: Mapping[str, PredictionQuality]) -> bytes:
    """Draw the AUC of every prediction with its interval."""
    estimates = [found.figures["auc"] for found in judged.values()]
    figure, axes = _draw_intervals(list(judged), estimates, 1.2 + 0.4 * len(judged))
    axes.axvline(0.5, color=INK, linewidth=0.8, linestyle=":")
    axes.set_xlabel("AUC, 0.5 is guessing")
    return as_svg(figure)


def draw_impact(impact: SplitImpact) -> bytes:
    """Draw the win rate of the policy and of its controls."""
    names = ["policy", *(lift.control for lift in impact.lifts)]
    estimates = [impact.win_rate, *(lift.win_rate for lift in impact.lifts)]
    figure, axes = _draw_intervals(names, estimates, 1.2 + 0.45 * len(names))
    axes.set_xlabel("win rate")
    return as_svg(figure)


def _draw_intervals(names: Sequence[str], estimates: Sequence[Estimate], height: float) -> "tuple[Figure, Axes]":
    figure, axes = new_figure(height=height)
    places = np.arange(len(names))[::-1]
    axes.errorbar(
        [e.value for e in estimates], places, xerr=_errors(estimates), fmt="o", color=CHART_COLOURS[0], capsize=3
    )
    axes.set_yticks(places, names)
    return figure, axes


def draw_calibration(judged: Mapping[str, PredictionQuality]) -> bytes:
    """Draw seen against predicted win rates."""
    figure, axes = _draw_lines(judged, lambda found: (found.calibration.predicted, found.calibration.seen))
    curves = [found.calibration for found in judged.values()]
    highest = max((float(np.maximum(curve.predicted, curve.seen).max()) for curve in curves), default=0.0)
    axes.plot([0, highest], [0, highest], color=INK, linewidth=0.8, linestyle=":")
    return _labelled(figure, axes, "predicted win rate", "observed win rate")


def draw_residuals(judged: Mapping[str, PredictionQuality]) -> bytes:
    """Draw observed minus predicted win rates."""
    figure, axes = _draw_lines(
        judged, lambda found: (found.calibration.predicted, found.calibration.seen - found.calibration.predicted)
    )
    axes.axhline(0, color=INK, linewidth=0.8, linestyle=":")
    return _labelled(figure, axes, "predicted win rate", "observed minus predicted")


def draw_groups(groups: Sequence[GroupQuality], names: Sequence[str]) -> bytes:
    """Draw the AUC of predictions by group, the largest group on top."""
    figure, axes = new_figure(height=1.2 + 0.3 * len(groups))
    places = np.arange(len(groups))[::-1]
    for number, name in enumerate(names):
        rows = [row for row, group in enumerate(groups) if name in group.figures]
        estimates = [groups[row].figures[name]["auc"] for row in rows]
        up, colour = places[rows] + 0.2 * (number - (len(names) - 1) / 2), CHART_COLOURS[number % len(CHART_COLOURS)]
        values = [estimate.value for estimate in estimates]
        axes.errorbar(values, up, xerr=_errors(estimates), fmt="o", color=colour, capsize=2, markersize=4, label=name)
    axes.axvline(0.5, color=INK, linewidth=0.8, linestyle=":")
    axes.set_yticks(places, [f"{group.name}, {group.pitches:,}" for group in groups], fontsize=8)
    axes.set_xlabel("AUC, 0.5 is guessing; beside the name, pitches")
    axes.legend(frameon=False, fontsize=8)
    return as_svg(figure)


def draw_gain(judged: Mapping[str, PredictionQuality]) -> bytes:
    """Draw the share of the wins among the best scored pitches."""
    figure, axes = _draw_lines(
        judged, lambda found: (np.append(0.0, found.gain.share), np.append(0.0, found.gain.gain))
    )
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
    return _labelled(figure, axes, "share of the pitches, best scored first", "share of all wins")


def draw_lift(judged: Mapping[str, PredictionQuality]) -> bytes:
    """Draw the lift of the best scored pitches over random ones."""
    figure, axes = _draw_lines(judged, lambda found: (found.gain.share, found.gain.lift))
    axes.axhline(1, color=INK, linewidth=0.8, linestyle=":")
    return _labelled(figure, axes, "share of the pitches, best scored first", "lift")


def _draw_lines(
    judged: Mapping[str, PredictionQuality], points: Callable[[PredictionQuality], tuple[np.ndarray, np.ndarray]]
) -> "tuple[Figure, Axes]":
    """Start a chart with one line per prediction."""
    figure, axes = new_figure()
    for number, (name, found) in enumerate(judged.items()):
        colour = CHART_COLOURS[number % len(CHART_COLOURS)]
        axes.plot(*points(found), "o-", markersize=3.5, linewidth=1.2, color=colour, label=name)
    return figure, axes


def _labelled(figure: "Figure", axes: "Axes", across: str, up: str) -> bytes:
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.legend(frameon=False, fontsize=8)
    return as_svg(figure)


def draw_classes(classes: Sequence[PitchClass], across: str, up: str) -> bytes:
    """Draw the figures of each class with their intervals."""
    figure, axes = new_figure()
    for number, name in enumerate(classes[0].figures):
        estimates = [point.figures[name] for point in classes]
        places = np.arange(len(classes)) + 0.12 * (number - (len(classes[0].figures) - 1) / 2)
        values, colour = [estimate.value for estimate in estimates], CHART_COLOURS[number % len(CHART_COLOURS)]
        axes.errorbar(places, values, yerr=_errors(estimates), fmt="o-", color=colour, capsize=3, label=name)
    axes.set_xticks(range(len(classes)), [f"{point.label}\n{point.pitches:,}" for point in classes], fontsize=8)
    axes.set_xlabel(f"{across}; below, pitches")
    axes.set_ylabel(up)
    axes.set_ylim(bottom=0)
    if len(classes[0].figures) > 1:
        axes.legend(frameon=False, fontsize=8)
    return as_svg(figure)


def draw_importance(importance: Mapping[str, float]) -> bytes:
    """Draw the AUC lost when each feature is shuffled, the most important on top."""
    lost = sorted(((value, name) for name, value in importance.items() if name != "auc"), key=lambda row: row[0])
    figure, axes = new_figure(height=1.0 + 0.28 * len(lost))
    axes.barh([name for _, name in lost], [value for value, _ in lost], color=CHART_COLOURS[0])
    axes.set_xlabel(f"AUC lost when shuffled, of {importance['auc']:.3f}")
    return as_svg(figure)
