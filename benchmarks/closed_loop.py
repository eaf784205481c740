"""Simulate two years of selling: what each way of reinforcing is worth, in wins compared with none.

500 contacts x 60 products x 104 weeks; three noisy models, drift, one category that collapses in week 52. Every pair
has a lasting deviation that no model sees: this is what win rates can teach. Each week every contact is pitched the
three best of its list; the multipliers come from the service's core, week by week. Seeds are paired: all arms get the
same world and the same luck.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import Progress
from scipy.special import expit, logit
from scipy.stats import t as student

from benchmarks.simulated_world import BASE_RATE, REFRESH_WEEKS, Size, World, make_world
from dog.core.calibration import MIN_OUTCOMES, Calibration, fit_line, probability, standard_line
from dog.core.consolidation import consolidate
from dog.core.learning import evidence as ev
from dog.core.learning.evidence import Evidence
from dog.core.learning.priors import Priors, fit_priors, sum_pairs
from dog.core.learning.recursion import damping, recursions_due
from dog.core.learning.reinforcement import product_multipliers, reinforce
from dog.core.learning.reinforcement_settings import Recursion, Reinforcement
from dog.core.score_axes import describe_load, standardise

WEIGHTS = np.array([0.2, 0.4, 0.4])
LAPS_A_WEEK = 50
"""Lists that a contact is served in a week; the pitches come from one of them."""
PITCHES_A_WEEK = 3
CALIBRATE_WEEKS = 13
CALIBRATION_SAMPLE = 20_000
THOMPSON_STRENGTH = 10.0
"""Pseudo-pitches of the score as the prior of Thompson sampling."""


@dataclass
class Memory:
    """The outcomes, evidence and multipliers of an arm so far."""

    wins: np.ndarray  # all outcomes, (pairs,)
    pitches: np.ndarray
    expected: np.ndarray
    evidence: Evidence
    counted: Evidence
    multiplier: np.ndarray
    recursions: np.ndarray  # (contacts,)
    priors: Priors | None = None


@dataclass(frozen=True)
class Arm:
    """One way of choosing what to pitch."""

    name: str
    settings: Reinforcement | None = None
    kind: str = "reinforce"  # none, reinforce, thompson, oracle


def arms() -> list[Arm]:
    """Return the arms that are compared."""
    published = Reinforcement(
        family="linear",
        neutral=0.5,
        a_max=2.0,
        d_min=0.5,
        rate="raw",
        recursion=Recursion("literal", 1.0),
        explore=0.0,
        max_step=1e6,
        absorb=0.0,
    )
    raw = Reinforcement(rate="raw", recursion=Recursion(n=0.0), explore=0.0)
    recommended = Reinforcement()
    found = [
        Arm("none", kind="none"),
        Arm("published", published),
        Arm("naive raw", raw),
        Arm("recommended", recommended),
        Arm("score-neutral, explore 1", replace(recommended, neutral="score", explore=1.0)),
        Arm("n = 0", replace(recommended, recursion=Recursion(n=0.0))),
    ]
    for reading in ("evidence", "gain", "literal"):
        found += [
            Arm(f"{reading} n = {n:g}", replace(recommended, recursion=Recursion(reading, n)))
            for n in (0.5, 1.0, 2.0, 3.0)
            if (reading, n) != ("evidence", 0.5)
        ]
    return [*found, Arm("Thompson sampling", kind="thompson"), Arm("oracle", kind="oracle")]


@dataclass(frozen=True)
class Run:
    """The result of one arm in one world."""

    wins: np.ndarray  # of each week
    regret: np.ndarray  # chances forgone against the oracle's list, of each week
    churn: float  # share of a contact's list exchanged from one week to the next
    pair_strength: float
    spread: float  # standard deviation of the logarithm of the multipliers at the end


def simulate(world: World, arm: Arm, size: Size, seed: int) -> Run:
    """Simulate all weeks with one arm."""
    luck, own = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 2])
    shape = (size.contacts, size.products)
    pairs = size.contacts * size.products
    product = np.tile(np.arange(size.products), size.contacts)
    nothing, recursions = ev.no_evidence(pairs), np.zeros(size.contacts, np.int64)
    wins, pitches, expected = np.zeros((3, pairs))
    memory = Memory(wins, pitches, expected, nothing, nothing, np.ones(pairs), recursions)
    learnt = np.zeros(shape)
    calibrations: list[Calibration] = []
    log: list[tuple[np.ndarray, np.ndarray]] = []
    won_by_week, regrets, churns, before = [], [], [], None
    rows = np.arange(size.contacts)[:, None]
    for week in range(size.weeks):
        views, refreshed = _views(world, week, learnt), week % REFRESH_WEEKS == 0
        if refreshed and week:
            learnt = _learn(memory, shape)
            views = _views(world, week, learnt)
            memory = _absorb(memory, arm)
        if week % CALIBRATE_WEEKS == 0:
            calibrations = _calibrate(views, log)
        calibrated = np.stack([probability(view.ravel(), line) for view, line in zip(views, calibrations, strict=True)])
        score = consolidate(calibrated, WEIGHTS)
        value = _value(arm, world, week, score, memory, own)
        chosen = np.argpartition(-value.reshape(shape), PITCHES_A_WEEK, axis=1)[:, :PITCHES_A_WEEK]
        chance = world.chance(week)
        won = luck.random(shape)[rows, chosen] < chance[rows, chosen]
        best = -np.partition(-chance, PITCHES_A_WEEK, axis=1)[:, :PITCHES_A_WEEK]
        won_by_week.append(int(won.sum()))
        regrets.append(float(best.sum() - chance[rows, chosen].sum()))
        flat = (rows * size.products + chosen).ravel()
        memory.wins[flat] += won.ravel()
        memory.pitches[flat] += 1
        memory.expected[flat] += score[flat]
        log.append((flat, won.ravel()))
        if before is not None:
            kept = (chosen[:, :, None] == before[:, None, :]).any(axis=2)
            churns.append(1 - kept.mean())
        before = chosen
        if arm.kind == "reinforce":
            memory = _recompute(memory, arm, product, size, week)
    strength = memory.priors.pair_strength if memory.priors else float("nan")
    spread = float(np.log(memory.multiplier).std())
    return Run(np.array(won_by_week), np.array(regrets), float(np.mean(churns)), strength, spread)


def _views(world: World, week: int, learnt: np.ndarray) -> list[np.ndarray]:
    """Return each model's scores in a week: the world at its last refresh, its noise, and what it learnt by then."""
    refresh = week // REFRESH_WEEKS
    at = world.drift[refresh * REFRESH_WEEKS]
    return [expit(world.seen + at + noise + learnt) for noise in world.noise[refresh]]


def _learn(memory: Memory, shape: tuple[int, int]) -> np.ndarray:
    """Return what a refreshed model learns: how much better than expected each pair did, in log odds, shrunk."""
    rate = (memory.wins + 5 * BASE_RATE) / (memory.pitches + 5)
    expected = (memory.expected + 5 * BASE_RATE) / (memory.pitches + 5)
    return np.asarray((logit(rate) - logit(expected)).reshape(shape)) * 0.7


def _absorb(memory: Memory, arm: Arm) -> Memory:
    if arm.settings is None:
        return memory
    share = 1.0 if arm.settings.absorb == "measured" else arm.settings.absorb
    absorbed = ev.absorb(memory.evidence, memory.counted, memory.counted, share)
    return replace(memory, evidence=absorbed)


def _calibrate(views: list[np.ndarray], log: list[tuple[np.ndarray, np.ndarray]]) -> list[Calibration]:
    """Calibrate by standardising at first, by fitted lines once there are enough outcomes."""
    loads = [describe_load(view.ravel()) for view in views]
    if not log or sum(len(pairs) for pairs, _ in log) < MIN_OUTCOMES:
        return [standard_line(load, BASE_RATE, lower_is_better=False) for load in loads]
    week = np.repeat(np.arange(len(log)), [len(pairs) for pairs, _ in log])[-CALIBRATION_SAMPLE:]
    pairs, won = (np.concatenate(part)[-CALIBRATION_SAMPLE:] for part in zip(*log, strict=True))
    found = []
    for view, load in zip(views, loads, strict=True):
        places = standardise(view.ravel()[pairs], load, load.usual)
        slope, intercept = fit_line(places, won, week - week.min(), lower_is_better=False)
        found.append(Calibration(method="platt", slope=slope, intercept=intercept, axis=load.usual, load=load))
    return found


def _value(
    arm: Arm, world: World, week: int, score: np.ndarray, memory: Memory, own: np.random.Generator
) -> np.ndarray:
    """Return the value by which the arm ranks each pair."""
    if arm.kind == "oracle":
        return world.chance(week).ravel()
    if arm.kind == "thompson":
        return thompson(memory.wins, memory.pitches, THOMPSON_STRENGTH * score, THOMPSON_STRENGTH * (1 - score), own)
    return score * memory.multiplier


def thompson(
    wins: np.ndarray, pitches: np.ndarray, alpha: np.ndarray, beta: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Sample each pair's rate from its Beta posterior; with alpha = beta = 1 these are mabwiser's expectations.

    The library samples one arm at a time, which would take hours here, and takes no prior from a score. A test compares
    this function with it.
    """
    return random.beta(alpha + wins, beta + pitches - wins)


def _recompute(memory: Memory, arm: Arm, product: np.ndarray, size: Size, week: int) -> Memory:
    """Do the weekly job with the service's core."""
    settings = arm.settings
    assert settings is not None
    now = Evidence(
        wins=memory.wins.copy(),
        pitches=memory.pitches.copy(),
        expected=memory.expected.copy(),
        scored=memory.pitches.copy(),
    )
    evidence = ev.add_news(memory.evidence, memory.counted, now)
    laps = np.full(size.contacts, LAPS_A_WEEK * (week + 1))
    due = recursions_due(laps, settings.recursion.laps) > memory.recursions
    recursions = memory.recursions + due
    contact = np.arange(len(product)) // size.products
    if settings.recursion.reading == "evidence":
        evidence = ev.damp(evidence, np.where(due[contact], damping(evidence.raw_rates, settings.recursion.n), 1.0))
    priors = fit_priors(sum_pairs(product, evidence, size.products))
    tried = memory.pitches > 0
    own = reinforce(product, evidence, priors, recursions[contact], memory.multiplier, settings).value
    unpitched = product_multipliers(priors, np.full(size.products, np.nan), settings).value
    return replace(
        memory,
        evidence=evidence,
        counted=now,
        recursions=recursions,
        priors=priors,
        multiplier=np.where(tried, own, unpitched[product]),
    )


def compare(
    seeds: int, size: Size, chosen: list[Arm], on_run: Callable[[], None], *, predictive: bool = True
) -> dict[str, list[Run]]:
    """Run every arm in every seed's world."""
    runs: dict[str, list[Run]] = {arm.name: [] for arm in chosen}
    for seed in range(seeds):
        world = make_world(seed, size, predictive=predictive)
        for arm in chosen:
            runs[arm.name].append(simulate(world, arm, size, seed))
            on_run()
    return runs


def table(runs: dict[str, list[Run]]) -> str:
    """Return the figures as a Markdown table: wins against none with a 95 % interval over paired seeds."""
    none = np.array([run.wins.sum() for run in runs["none"]])
    lines = [
        "| arm | wins against none | 95 % interval | regret | weekly churn | pair strength |",
        "|---|---|---|---|---|---|",
    ]
    for name, found in runs.items():
        gain = np.array([run.wins.sum() for run in found]) / none - 1
        mean, half = gain.mean(), 0.0
        if len(gain) > 1:
            half = student.ppf(0.975, len(gain) - 1) * gain.std(ddof=1) / np.sqrt(len(gain))
        regret = np.mean([run.regret.sum() for run in found])
        churn, strength = np.mean([run.churn for run in found]), np.mean([run.pair_strength for run in found])
        cells = [name, f"{mean:+.1%}", f"{mean - half:+.1%} to {mean + half:+.1%}", f"{regret:,.0f}", f"{churn:.1%}"]
        lines.append(f"| {' | '.join(cells)} | {'-' if np.isnan(strength) else f'{strength:.0f}'} |")
    return "\n".join(lines)


def draw(runs: dict[str, list[Run]], path: Path) -> None:
    """Draw cumulative wins above none, week by week."""
    import matplotlib as mpl  # noqa: PLC0415  # half a second to import, for the picture alone

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(9, 5))
    none = np.mean([run.wins.cumsum() for run in runs["none"]], axis=0)
    for name in ("oracle", "recommended", "score-neutral, explore 1", "Thompson sampling", "naive raw", "published"):
        if name in runs:
            axes.plot(np.mean([run.wins.cumsum() for run in runs[name]], axis=0) - none, label=name)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set(xlabel="week", ylabel="cumulative wins above no reinforcement")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)


@click.command()
@click.option("--seeds", default=8, show_default=True)
@click.option("--short", is_flag=True, help="Two seeds, 26 weeks, a fifth of the contacts.")
@click.option("--control", is_flag=True, help="A world in which past wins teach nothing.")
@click.option("--png", type=click.Path(path_type=Path))
@click.option("--json", "as_json", type=click.Path(path_type=Path))
def main(seeds: int, short: bool, control: bool, png: Path | None, as_json: Path | None) -> None:
    """Print the table of all arms."""
    size = Size(100, 30, 26) if short else Size()
    seeds, chosen = 2 if short else seeds, arms()
    with Progress(console=Console(file=sys.stderr)) as progress:
        task = progress.add_task("simulating", total=seeds * len(chosen))
        runs = compare(seeds, size, chosen, lambda: progress.advance(task), predictive=not control)
    click.echo(table(runs))
    if png:
        draw(runs, png)
    if as_json:
        wins = {name: [int(run.wins.sum()) for run in found] for name, found in runs.items()}
        as_json.write_text(json.dumps({"size": vars(size), "seeds": seeds, "wins": wins}))


if __name__ == "__main__":
    main()
