"""Calibrated and consolidated scores of past pitches; each fit is made of what was settled before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dog.core.consolidation import Method, Stacking, consolidate
from dog.core.consolidation_fit import ConsolidationFit, ModelPast, fit_consolidation, line_of, restack, settled_weeks
from dog.core.describe_load import describe_load
from dog.core.iso_weeks import utc_weeks
from dog.core.learning.win_rates import global_rate
from dog.core.log_odds import expit
from dog.core.score_axes import Axis, Load, standardise
from dog.offline.history.pitches import Pitches
from dog.offline.statistics.discrimination import Floats
from dog.services.runner import Runner
from dog.services.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScores:
    """A model's settings in the policy, and its raw scores at each pitch, NaN where it had none, shape (pitches,).

    `places` holds, by axis, each raw score standardised within the load that it comes from, shape (pitches,), the usual
    axis first; all scores are one load where it is empty. `centres` holds, by axis, the mean place of the pairs pitched
    before each block of weeks in that block's load, shape (blocks,), 0 where it is empty. `renewed` holds, by the block
    for which the model was fitted again, the new load and the raw score of every pair in it, shape (pairs,).
    """

    name: str
    weight: float
    lower_is_better: bool
    raw: Floats
    places: Mapping[Axis, Floats] = field(default_factory=dict)
    centres: Mapping[Axis, Floats] = field(default_factory=dict)
    renewed: Mapping[int, tuple[Load, Floats]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = self.raw[~np.isnan(self.raw)]
        if not self.places:
            load = describe_load(known if len(known) else np.zeros(1))
            object.__setattr__(self, "places", {axis: standardise(self.raw, load, axis) for axis in load.scales})

    def past(self, settled: NDArray[np.int64], block: int) -> ModelPast:
        """Return what is known of the model when a block begins."""
        centres = {axis: float(self.centres[axis][block]) if self.centres else 0.0 for axis in self.places}
        return ModelPast(
            name=self.name,
            weight=self.weight,
            lower_is_better=self.lower_is_better,
            places={axis: places[settled] for axis, places in self.places.items()},
            centres=centres,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    start_ms: int
    rows: slice
    settled: NDArray[np.int64]
    base_rate: float
    fit: ConsolidationFit


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardScores:
    """Scores of past pitches, walking forward.

    `calibrated` holds each model's probability at each pitch, NaN where it had no score, shape (pitches,).
    """

    models: Sequence[ModelScores]
    pitches: Pitches
    calibrated: Sequence[Floats]
    blocks: Sequence[_Block]
    # the stacking of each block for the weights that were asked for last
    restacked: dict[tuple[float, ...], list[Stacking | None]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def fits(self) -> list[ConsolidationFit]:
        """The fit of each block of weeks."""
        return [block.fit for block in self.blocks]

    @property
    def fitted(self) -> NDArray[np.bool_]:
        """Mark the pitches of blocks that began with a stacking, shape (pitches,)."""
        found = np.zeros(len(self.pitches), bool)
        for block in self.blocks:
            found[block.rows] = block.fit.intercept is not None
        return found

    def consolidate(self, weights: Mapping[str, float], method: Method) -> Floats:
        """Consolidate as a policy with these weights does; NaN where no model has a score, shape (pitches,)."""
        if not self.models:
            return np.full(len(self.pitches), np.nan)
        stated = np.array([weights.get(model.name, 0.0) for model in self.models])
        calibrated = np.stack(self.calibrated)
        found = consolidate(calibrated, stated, "mean" if method == "stacking" else method)
        if method == "stacking" and stated.any():
            for block, stacking in zip(self.blocks, self._stackings(stated), strict=True):
                if stacking is not None:
                    found[block.rows] = stacking.pool(calibrated[:, block.rows])
        return found

    def renewed(self, weights: Mapping[str, float], method: Method) -> dict[int, Floats]:
        """Return the consolidated score of every pair by the scores that models were given when fitted again.

        By the first instant of the block for which a model with a weight was fitted again: shape (pairs,), NaN where no
        model has a score. Models that were not fitted again count with the score of the pair's last pitch.
        """
        stated = np.array([weights.get(model.name, 0.0) for model in self.models])
        used = [model for model, weight in zip(self.models, stated.tolist(), strict=True) if weight > 0]
        found = {}
        for number, block in enumerate(self.blocks):
            if not any(number in model.renewed and number > min(model.renewed) for model in used):
                continue  # a model's first scores take nothing out
            rows = self._last_rows(block)
            calibrated = np.stack([_now(model, number, block, rows) for model in self.models])
            stacking = self._stackings(stated)[number] if method == "stacking" else None
            if stacking is not None:
                found[block.start_ms] = stacking.pool(calibrated)
            else:
                found[block.start_ms] = consolidate(calibrated, stated, "mean" if method == "stacking" else method)
        return found

    def _last_rows(self, block: _Block) -> NDArray[np.int64]:
        """Return the last pitch of each pair before a block, shape (pairs,); -1 where there is none."""
        rows = np.full(int(self.pitches.pair.max()) + 1, -1)
        rows[self.pitches.pair[: block.rows.start]] = np.arange(block.rows.start)
        return rows

    def _stackings(self, weights: Floats) -> list[Stacking | None]:
        key = tuple(weights.tolist())
        if key not in self.restacked:
            self.restacked.clear()
            self.restacked[key] = [self._stacking(number, block, weights) for number, block in enumerate(self.blocks)]
        return self.restacked[key]

    def _stacking(self, number: int, block: _Block, weights: Floats) -> Stacking | None:
        fit = block.fit
        if weights.tolist() != [model.weight for model in self.models]:
            past = [model.past(block.settled, number) for model in self.models]
            reweighted = [replace(model, weight=weight) for model, weight in zip(past, weights.tolist(), strict=True)]
            won, week = self.pitches.won[block.settled] > 0, utc_weeks(self.pitches.at_ms[block.settled])
            fit = restack(fit, reweighted, won, week, block.base_rate)
        if fit.intercept is None:
            return None
        fitted = [fit.models[model.name] for model in self.models]
        return Stacking(
            coefficients=np.array([one.coefficient or 0.0 for one in fitted]),
            used=weights > 0,
            means=np.array([one.mean for one in fitted]),
            intercept=fit.intercept,
        )


def _now(model: ModelScores, number: int, block: _Block, last_rows: NDArray[np.int64]) -> Floats:
    """Return a model's probability for every pair when a block begins, NaN where it has no score."""
    fitted = block.fit.models[model.name]
    if number in model.renewed:
        load, raw = model.renewed[number]
        places = standardise(raw, load, fitted.axis)
    else:
        places = np.where(last_rows >= 0, model.places[fitted.axis][last_rows], np.nan)
    slope, intercept = line_of(fitted, block.base_rate)
    return expit(slope * places + intercept)


def _settled(pitches: Pitches, start_ms: int) -> NDArray[np.int64]:
    """Return the settled pitches of weeks that were settled when a block began."""
    made = np.flatnonzero(pitches.at_ms < start_ms)
    found = settled_weeks(utc_weeks(pitches.at_ms[made]), pitches.settled_ms[made] < start_ms)
    return np.asarray(made[found])


def calibrate_forward(
    runner: Runner, models: Sequence[ModelScores], pitches: Pitches, block_starts_ms: NDArray[np.int64]
) -> ForwardScores:
    """Calibrate the models of a policy block by block, each by what was settled before the block began.

    `block_starts_ms` are the first instants of the blocks (one or several weeks), ascending; the first is not after the
    first pitch. Each block is a task.
    """
    block = np.searchsorted(block_starts_ms, pitches.at_ms, side="right") - 1
    bounds = np.searchsorted(block, np.arange(len(block_starts_ms) + 1)).tolist()
    calibrated = [np.full(len(pitches), np.nan) for _ in models]
    blocks: list[_Block] = []
    for number, past, fit in _fit_blocks(runner, models, pitches, block_starts_ms.tolist() if models else []):
        rows = slice(bounds[number], bounds[number + 1])
        blocks.append(
            _Block(
                start_ms=int(block_starts_ms[number]),
                rows=rows,
                settled=past.settled,
                base_rate=past.base_rate,
                fit=fit,
            )
        )
        for found, model in zip(calibrated, models, strict=True):
            fitted = fit.models[model.name]
            slope, intercept = line_of(fitted, past.base_rate)
            found[rows] = expit(slope * model.places[fitted.axis][rows] + intercept)
    return ForwardScores(models=models, pitches=pitches, calibrated=calibrated, blocks=blocks)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _BlockPast:
    """What was settled when a block began: numbers of pitches, shape (pitches,), and what a fit takes of them."""

    settled: NDArray[np.int64]
    models: list[ModelPast]
    won: NDArray[np.bool_]
    week: NDArray[np.int64]
    base_rate: float


def _fit_blocks(
    runner: Runner, models: Sequence[ModelScores], pitches: Pitches, starts_ms: Sequence[int]
) -> Iterator[tuple[int, _BlockPast, ConsolidationFit]]:
    """Yield each block with what was settled before it, and the fit to that; as many at once as there are workers."""
    for first in range(0, len(starts_ms), runner.workers):
        numbers = range(first, min(first + runner.workers, len(starts_ms)))
        pasts = [_block_past(models, pitches, number, starts_ms[number]) for number in numbers]
        yield from zip(numbers, pasts, runner.map(_fit_block, pasts), strict=True)


def _block_past(models: Sequence[ModelScores], pitches: Pitches, number: int, start_ms: int) -> _BlockPast:
    settled = _settled(pitches, start_ms)
    won = pitches.won[settled] > 0
    return _BlockPast(
        settled=settled,
        models=[model.past(settled, number) for model in models],
        won=won,
        week=utc_weeks(pitches.at_ms[settled]),
        base_rate=global_rate(float(won.sum()), len(settled)),
    )


def _fit_block(_runtime: Runtime, past: _BlockPast) -> ConsolidationFit:
    return fit_consolidation(past.models, past.won, past.week, past.base_rate)
