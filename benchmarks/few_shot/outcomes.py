"""Figures of a method over both halves of the contacts, as one row of the history for a data set."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.few_shot.basics import Method
from benchmarks.few_shot.contest import CUTS, Contest, Measured
from benchmarks.few_shot.list_figures import gains
from benchmarks.few_shot.method_names import POPULAR
from benchmarks.few_shot.tasks import Task

DIGITS = 5


def run_data(
    halves: Sequence[Task],
    chosen: Mapping[str, Method],
    *,
    same_query: bool = False,
    base: str = POPULAR,
    report: Callable[[str], None] = lambda _text: None,
) -> dict[str, Any]:
    """Run methods on a data set; `base` must be one of them, since all are compared with it.

    `report` gets a line a method.
    """
    began = time.perf_counter()
    contests = [Contest(half, same_query=same_query) for half in halves]
    measured = {}
    for number, (name, method) in enumerate(chosen.items(), 1):
        measured[name] = [contest.run(method) for contest in contests]
        report(f"{halves[0].name}: {name}, {number} of {len(chosen)}, {time.perf_counter() - began:.0f} seconds")
    return {
        "data": halves[0].name,
        "same_query": same_query,
        "base": base,
        "contacts": sum(len(half.tested) for half in halves),
        "products": max(half.product_count for half in halves),
        "episodes": {str(cut): _joined(measured[base], cut).shape[1] for cut in CUTS},
        "methods": {name: _row(parts, measured[base]) for name, parts in measured.items()},
        "seconds": round(time.perf_counter() - began, 1),
    }


def _row(parts: Sequence[Measured], base: Sequence[Measured]) -> dict[str, Any]:
    return {
        "fit_seconds": round(float(np.mean([part.fit_seconds for part in parts])), 3),
        "adapt_us": round(float(np.mean([part.adapt_us for part in parts])), 1),
        "figures": {
            str(cut): [
                [round(value, DIGITS) for value in (one.mean, one.gain, one.low, one.high)]
                for one in gains(_joined(parts, cut), _joined(base, cut))
            ]
            for cut in CUTS
        },
    }


def _joined(parts: Iterable[Measured], cut: int) -> np.ndarray:
    return np.concatenate([part.figures[cut] for part in parts], axis=1)
