"""Charts of a search over settings, as PNG: each setting against the value reached, and the best value so far."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dog.evaluation.discrimination import Floats

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#2f6fab", "#d9822b", "#3f9142", "#a23b72")


def draw_settings(trials: Sequence[Mapping[str, Any]], values: Floats) -> bytes:
    """Draw each setting against the log loss reached, one small picture a setting."""
    names = sorted({name for trial in trials for name in trial})
    figure = _figure(9.0, 2.4 * max(1, -(-len(names) // 3)))
    for place, name in enumerate(names, 1):
        axes = figure.add_subplot(-(-len(names) // 3), 3, place)
        rows = [row for row, trial in enumerate(trials) if name in trial]
        axes.plot([trials[row][name] for row in rows], values[rows], "o", color=COLOURS[0], markersize=3, alpha=0.6)
        axes.set_xlabel(name)
        axes.set_ylabel("log loss")
    return _png(figure)


def draw_progress(studies: Mapping[str, Floats]) -> bytes:
    """Draw the best log loss after each trial, one line a sampler."""
    figure = _figure(6.4, 4.0)
    axes = figure.add_subplot()
    for (sampler, values), colour in zip(studies.items(), COLOURS, strict=False):
        axes.step(np.arange(1, len(values) + 1), np.minimum.accumulate(values), color=colour, label=sampler)
    axes.set_xlabel("trial")
    axes.set_ylabel("best log loss so far")
    axes.legend(frameon=False)
    return _png(figure)


def _figure(width: float, height: float) -> "Figure":
    from matplotlib.figure import Figure  # noqa: PLC0415  # half a second to import, only when something is drawn

    return Figure(figsize=(width, height), layout="constrained")


def _png(figure: "Figure") -> bytes:
    written = io.BytesIO()
    figure.savefig(written, format="png", dpi=110, metadata={"Software": None})
    return written.getvalue()
