"""Run one seed: simulate, let everything end in peace, and check."""

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dog.core.iso_weeks import DAY_MS
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.recount import recount
from dog.services.weekly.run_recompute import run_recompute
from tests.properties.protocol.world import CONTACTS
from tests.simulation.actors import ACTORS, CLIENTS, Client, Reader, run_jobs, wait_for_grid
from tests.simulation.checker import check_all, leftovers, read_final
from tests.simulation.oracle import lists_differ
from tests.simulation.tenant import TENANT, VerdictTenant
from tests.simulation.world import Ground, World, simulated

PLACES = 3
"""Moments of the grid that a run has at least; at each the jobs run."""
CONTACTS_CHECKED = 2
"""Contacts whose lists are compared with the plain model of verdicts."""
SEEDS_PER_LIST_CHECK = 8
"""Lists are compared with those of a fresh tenant in one of that many seeds: it takes as long as the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a seed did, and what was wrong."""

    seed: int
    wrong: list[str] = field(default_factory=list)
    steps: int = 0
    trace_digest: str = ""
    faults: str = ""
    reached: Counter[str] = field(default_factory=Counter)

    def describe(self) -> str:
        """Return a line for the terminal."""
        verdict = "; ".join(self.wrong[:3]) if self.wrong else "right"
        return f"seed {self.seed}: {self.steps} steps, trace {self.trace_digest}, faults: {self.faults}; {verdict}"


def run_seed(ground: Ground, seed: int, log: Callable[[str], None] | None = None) -> Outcome:
    """Run one seed on a server that nobody else uses."""
    data_dir = ground.folder / "data"
    shutil.rmtree(data_dir, ignore_errors=True)
    world = World(ground, seed, data_dir, log)
    wrong: list[str] = []
    try:
        with simulated(world, seed):
            _begin(world)
            world.scheduler.run()
    except Exception as error:  # a bug that the seed found; --trace shows where
        if log is not None:
            raise
        wrong.append(f"{type(error).__name__}: {error}")
    world.faults.calm()
    try:
        wrong.extend(_check(world, data_dir, seed))
    except Exception as error:  # of the plain model, or a bug that the seed found
        if log is not None:
            raise
        wrong.append(f"{type(error).__name__} in the checks: {error}")
    scheduler = world.scheduler
    return Outcome(
        seed=seed,
        wrong=wrong,
        steps=scheduler.steps,
        trace_digest=scheduler.trace_digest,
        faults=world.faults_text,
        reached=_reached(world, data_dir),
    )


def _reached(world: World, data_dir: Path) -> Counter[str]:
    """Count what happened in a run."""
    history = world.history
    return Counter(
        {
            "events acknowledged": sum(sent.acknowledged_step is not None for sent in history.sent.values()),
            "events taken back": sum(sent.retracted_step is not None for sent in history.sent.values()),
            "reads": len(history.log_reads) + len(history.version_reads),
            "weeks published": len(history.weeks),
            "versions replayed": len(history.flips) - len(history.weeks),
            "runs with an archive": (data_dir / "archive").exists(),
            "requests hurt": world.faults.hurt,
            "troubles": world.faults.befallen,
            "steps": world.scheduler.steps,
        }
    )


def _begin(world: World) -> None:
    """Start the processes, the clients and the readers."""
    chance, scheduler = world.chance, world.scheduler
    grid_ms = chance.choice((DAY_MS, 6 * DAY_MS))
    scheduler.note(f"faults: {world.faults_text}")
    for name in ("api 1", "api 2"):
        world.start(name)
    for name in ("jobs 1", "jobs 2"):
        world.start(name, lambda node: run_jobs(world, node, grid_ms))
    scheduler.spawn("calendar", lambda: wait_for_grid(world, grid_ms, PLACES))
    for key in CLIENTS:
        scheduler.spawn(f"client {key}", Client(world, key, actions=chance.randint(3, 6), grid_ms=grid_ms).run)
    for name in ("api 1", "api 2"):
        scheduler.spawn(f"reader of {name}", Reader(world, name, reads=chance.randint(2, 4), grid_ms=grid_ms).run)


def _check(world: World, data_dir: Path, seed: int) -> Iterator[str]:
    """Let the jobs end what is begun, then check."""
    ground, history, now_ms = world.ground, world.history, round(world.scheduler.now_ms)
    for key in ground.redis.scan_iter(f"dog:{{{TENANT}}}:lease:*", count=1000):
        ground.redis.delete(key)  # their holders are dead, and half a minute has passed
    runtime = ground.runtime(now_ms, data_dir)
    run_recompute(runtime, TENANT, force=True)
    archive(runtime, TENANT)
    final = read_final(ground, data_dir)
    yield from check_all(history, final, ground)
    yield from leftovers(ground)
    differences = [found for found in recount(runtime, TENANT) if found.what != "multipliers"]
    yield from (f"recount: {found}" for found in differences)
    counted = [history.sent[name].version_stored_as(stored) for name, stored in sorted(final.counted.items())]
    events = [(version.sender, version.body) for version in counted]
    tenant = VerdictTenant(runtime, events)
    tenant.check_verdicts()
    for contact in random.Random(seed).sample(sorted(CONTACTS), CONTACTS_CHECKED):
        tenant.check_list(contact, ACTORS[0])
    if seed % SEEDS_PER_LIST_CHECK == 0 and not final.archived:
        yield from lists_differ(ground, runtime, events)
    runtime.stopping.set()
