"""`dog jobs recompute`."""

import signal
from itertools import groupby

import click
from rich.console import Console
from rich.table import Table

from dog.bootstrap import build_runtime
from dog.cli.runner_options import runner_options
from dog.cli.terminal import progress_bar
from dog.core.iso_weeks import parse_week
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.pair_query import name_pairs
from dog.services.publishing.draw_curves import draw_policy_curve
from dog.services.runtime import Runtime
from dog.services.weekly.plan_replay import describe_late
from dog.services.weekly.recompute_week import WeekResult
from dog.services.weekly.run_recompute import ENDED_EARLY, run_recompute
from dog.storage.multiplier_versions import read_weeks
from dog.storage.store import Store

FROM_LATE = "from the earliest late event"
"""What `--replay` without a week stands for."""


@click.command()
@click.option("--week", help="Up to this ISO week, such as 2026-W46; else up to the last one that has ended.")
@click.option(
    "--replay",
    is_flag=False,
    flag_value=FROM_LATE,
    metavar="[WEEK]",
    help="Recompute published weeks, too: from this one on, else from the earliest that late events belong to.",
)
@click.option("--no-replay", is_flag=True, help="Leave published weeks as they are, however many events came late.")
@click.option("--dry-run", is_flag=True, help="Show what would move, write nothing.")
@click.option("--force", is_flag=True, help="Publish also what the sanity gate considers unlikely.")
@runner_options
@click.pass_obj
def recompute(
    tenant: str,
    week: str | None,
    replay: str | None,
    no_replay: bool,
    dry_run: bool,
    force: bool,
    processes: int,
    dask: str | None,
) -> None:
    """Recompute the multipliers of every due week, in order, after those of published weeks with many late events."""
    if no_replay and replay is not None:
        raise click.UsageError("give --replay or --no-replay, not both")
    asked = False if no_replay else True if replay == FROM_LATE else replay
    with build_runtime() as runtime:
        signal.signal(signal.SIGTERM, lambda *_: runtime.stopping.set())
        with progress_bar("recompute") as report:
            results = run_recompute(
                runtime,
                tenant,
                week,
                replay=asked,
                dry_run=dry_run,
                force=force,
                report=report,
                processes=processes,
                dask=dask,
            )
        _print_results(results, runtime.store(tenant), dry_run=dry_run)
        if not results and (late := describe_late(runtime.store(tenant), runtime.settings.zone)):
            click.echo(late)
        if dry_run:
            _print_curve_warnings(runtime, tenant)


def _print_results(results: list[WeekResult], store: Store, *, dry_run: bool) -> None:
    if not results:
        click.echo("no week is due" if read_weeks(store) else "no week is due: no outcome has occurred in a past week")
        return
    if (outcome := results[-1].outcome) in ENDED_EARLY:
        click.echo(f"{outcome} in {results[-1].week}: {ENDED_EARLY[outcome]}", err=True)
        results = results[:-1]
    if not results:
        return
    if dry_run:
        if parse_week(results[-1].week) <= max(read_weeks(store), default=-1):
            click.echo(f"would replay the published weeks from {results[-1].week} on; the result for that week:")
        _print_week("would publish", results)
        _print_movers(results[-1], store)
        return
    for verb, weeks in groupby(results, lambda result: "replayed" if result.outcome == "replayed" else "published"):
        _print_week(verb, list(weeks))


def _print_week(verb: str, results: list[WeekResult]) -> None:
    last = results[-1]
    counts = last.counts
    click.echo(
        f"{verb} {len(results)} week(s), the last {last.week}: {counts['pairs']:,} pairs, "
        f"{counts['up']:,} up, {counts['down']:,} down, {counts['recursions']:,} recursions"
    )


def _print_curve_warnings(runtime: Runtime, tenant: str) -> None:
    """Warn of policies whose damped curve breaks order or bounds."""
    for name in runtime.shared(Snapshots).current(runtime.store(tenant)).policies:
        for found in draw_policy_curve(runtime, tenant, name, 2)["warnings"]:
            place = f"after {found['recursions']} recursion(s), at win rate {found['win_rate']:.3g}"
            click.echo(f"warning: policy {name}: {found['code']} {place}")


def _print_movers(result: WeekResult, store: Store) -> None:
    table = Table("contact", "product", "wins", "pitches", "before", "after", title="largest movers")
    for contact, product, move in name_pairs(store, result.movers):
        table.add_row(contact, product, str(move.wins), str(move.pitches), f"{move.before:.4f}", f"{move.after:.4f}")
    Console().print(table)
