"""The figures of `closed_loop.py`: one row a run, kept in the history, and tables of paired differences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from scipy.stats import t as student

from benchmarks.notes import HISTORY
from benchmarks.simulated_world import Size

Row = Mapping[str, Any]
"""One run: world, arm, seed, size, wins, wins of each eight weeks, regret, churn, distinct products."""
Runs = dict[str, dict[int, Row]]
"""Arm -> seed -> run, of one world."""
PICTURED = ("oracle", "recommended", "version 1", "LinUCB", "Thompson", "SquareCB", "naive raw")
WEEKS_A_SUM = 8


def read_rows(file: Path | None = None) -> list[Row]:
    """Read the rows of a file, the history unless another is named."""
    path = file or HISTORY / "closed_loop.ndjson"
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def newest_runs(rows: Iterable[Row], size: Size) -> dict[str, Runs]:
    """Return the newest run of each world of a size, arm and seed, worlds and arms in the order of their first row."""
    found: dict[str, Runs] = {}
    for row in rows:
        if any(row[name] != value for name, value in asdict(size).items()):
            continue
        found.setdefault(row["world"], {}).setdefault(row["arm"], {})[row["seed"]] = row
    return found


def interval(values: np.ndarray) -> tuple[float, float]:
    """Return the mean and half of its 95 % interval by Student's t; NaN for half of an interval of one value."""
    if len(values) < 2:
        return float(values.mean()), float("nan")
    half = student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(half)


def summary(found: Mapping[str, Runs], arms: Sequence[str]) -> str:
    """Return wins against none and weekly churn of some arms in all worlds as a Markdown table."""
    lines = [f"| world | {' | '.join(arms)} |", f"|---{'|---' * len(arms)}|"]
    for world, runs in found.items():
        cells = [_summed(runs, arm) for arm in arms]
        lines.append(f"| {' | '.join([world, *cells])} |")
    return "\n".join(lines)


def _summed(runs: Runs, arm: str) -> str:
    none, of_seed = runs.get("none", {}), runs.get(arm, {})
    seeds = sorted(none.keys() & of_seed.keys())
    if not seeds:
        return "-"
    gain = _percent(_column(of_seed, seeds, "wins") / _column(none, seeds, "wins") - 1)
    fewer = "" if len(seeds) == len(none) else f", {len(seeds)} seeds"
    return f"{gain} ({_column(of_seed, seeds, 'churn').mean():.0%}{fewer})"


def table(runs: Runs) -> str:
    """Return the figures of one world as a Markdown table; ± is half of a 95 % interval over paired seeds."""
    lines = [
        "| arm | wins against none | share of the oracle's gap | against version 1 | weekly churn | products a week |",
        "|---|---|---|---|---|---|",
    ]
    for arm, of_seed in runs.items():
        seeds = sorted(seed for seed in of_seed if all(seed in runs.get(one, {}) for one in ("none", "oracle")))
        if not seeds:
            continue
        of_all = arm if len(seeds) == len(runs["none"]) else f"{arm} ({len(seeds)} seeds)"
        wins, none, oracle = (_column(runs[one], seeds, "wins") for one in (arm, "none", "oracle"))
        churn, distinct = (_column(of_seed, seeds, name).mean() for name in ("churn", "distinct"))
        cells = [_percent(wins / none - 1), _percent((wins - none) / (oracle - none))]
        first = runs.get("version 1", {})
        known = all(seed in first for seed in seeds)
        cells.append(_percent(wins / _column(first, seeds, "wins") - 1) if known else "-")
        lines.append(f"| {' | '.join([of_all, *cells, f'{churn:.1%}', f'{distinct:.1f}'])} |")
    return "\n".join(lines)


def _column(of_seed: Mapping[int, Row], seeds: Sequence[int], name: str) -> np.ndarray:
    return np.array([of_seed[seed][name] for seed in seeds], np.float64)


def _percent(values: np.ndarray) -> str:
    mean, half = interval(100 * values)
    return f"{mean:+.1f} %" if np.isnan(half) else f"{mean:+.1f} ± {half:.1f} %"


def draw(runs: Runs, path: Path) -> None:
    """Draw cumulative wins above none, eight weeks by eight weeks."""
    import matplotlib as mpl  # noqa: PLC0415  # half a second to import, for the picture alone

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(9, 5))
    for arm in PICTURED:
        if seeds := sorted(runs.get(arm, {}).keys() & runs["none"].keys()):
            above = _cumulative(runs[arm], seeds) - _cumulative(runs["none"], seeds)
            axes.plot(np.arange(1, len(above) + 1) * WEEKS_A_SUM, above, label=arm)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set(xlabel="week", ylabel="cumulative wins above no reinforcement")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def _cumulative(of_seed: Mapping[int, Row], seeds: Sequence[int]) -> np.ndarray:
    return np.asarray(np.mean([np.cumsum(of_seed[seed]["wins_of_8_weeks"]) for seed in seeds], axis=0))
