"""`python -m jobs`: recompute, train, batch, scheduler and the other jobs."""

import shlex
import signal
from itertools import groupby
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.cli.exit_codes import run
from dog.cli.terminal import progress_bar
from dog.core.iso_weeks import iso_time, parse_week
from dog.services.data.batch_recommend import write_batch
from dog.services.lists.list_request import MAX_K
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.pair_query import name_pairs
from dog.services.publishing.draw_curves import draw_policy_curve
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.plan_replay import describe_late
from dog.services.weekly.recompute_week import WeekResult
from dog.services.weekly.run_recompute import ENDED_EARLY, run_recompute
from dog.services.weekly.worker_pool import MAX_PROCESSES
from dog.storage.ids import new_id
from dog.storage.job_log import Job, list_jobs
from dog.storage.multiplier_versions import read_weeks
from dog.storage.store import Store
from jobs import offline_commands
from jobs.scheduler import SCHEDULE, run_scheduler

FROM_LATE = "from the earliest late event"
"""What `--replay` without a week stands for."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--tenant", default="default", show_default=True, help="Whose data.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback when something fails.")
@click.pass_context
def jobs(context: click.Context, tenant: str) -> None:
    """Run the weekly recompute, the training, and their schedule."""
    context.obj = tenant


@jobs.command()
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
@click.option("--force", is_flag=True, help="Publish also what the sanity gate holds to be unlikely.")
@click.option(
    "--processes",
    default=1,
    show_default=True,
    type=click.IntRange(1, MAX_PROCESSES),
    help="Processes that share the work; more than one pays from some ten million pairs on.",
)
@click.pass_obj
def recompute(
    tenant: str, week: str | None, replay: str | None, no_replay: bool, dry_run: bool, force: bool, processes: int
) -> None:
    """Recompute the multipliers of every due week, in order, after those of published weeks with many late events."""
    if no_replay and replay is not None:
        raise click.UsageError("give --replay or --no-replay, not both")
    asked = False if no_replay else True if replay == FROM_LATE else replay
    with build_runtime(timeout_seconds=JOB_SECONDS) as runtime:
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
            click.echo(f"would replay the published weeks from {results[-1].week} on; what becomes of that week:")
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


@jobs.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .parquet or .csv file.")
@click.option("--k", default=10, show_default=True, type=click.IntRange(1, MAX_K), help="Items a contact at most.")
@click.option("--policy", default="recommended", show_default=True)
@click.option("--serve", is_flag=True, help="Serve the lists: keep each as a decision and count it as a lap.")
@click.option("--batch-id", help="With --serve: the batch to go on with; each id serves a contact once.")
@click.pass_obj
def batch(tenant: str, out: Path, k: int, policy: str, serve: bool, batch_id: str | None) -> None:
    """Write the ranked lists of all contacts to a file; no laps are counted without --serve."""
    if batch_id is not None and not serve:
        raise click.UsageError("--batch-id is for --serve: without it nothing is counted")
    served = (batch_id or f"b_{new_id()}") if serve else None
    if served is not None:
        click.echo(f"batch {served}; if it is stopped, go on with: --serve --batch-id {shlex.quote(served)}", err=True)
    with build_runtime(timeout_seconds=JOB_SECONDS) as runtime, progress_bar("batch") as report:
        count = write_batch(runtime, tenant, out, k, policy, report, batch_id=served)
    click.echo(f"{out}: {count:,} rows")


@jobs.command("archive")
@click.pass_obj
def archive_command(tenant: str) -> None:
    """Write weeks published DOG_ARCHIVE_AFTER_WEEKS ago to files under DOG_DATA_DIR/archive; forget their ids."""
    with build_runtime(timeout_seconds=JOB_SECONDS) as runtime, progress_bar("archive") as report:
        archived = archive(runtime, tenant, report)
    if archived is None:
        click.echo("no week is old enough to archive")
    else:
        click.echo(f"archived {archived.events:,} events up to {archived.closed}; {archived.ids:,} ids forgotten")


@jobs.command()
@click.option("--end-with-parent", "ends_with_parent", is_flag=True, hidden=True, help="End when stdin is closed.")
def scheduler(ends_with_parent: bool) -> None:
    """Run the periodic jobs of all tenants until stopped; several may run, one acts."""
    with build_runtime(timeout_seconds=JOB_SECONDS) as runtime:
        run_scheduler(runtime, ends_with_parent=ends_with_parent)


@jobs.command("list")
@click.pass_obj
def list_command(tenant: str) -> None:
    """List the kept jobs, newest first, and the schedule."""
    with build_runtime() as runtime:
        found = list_jobs(runtime.store(tenant))
    for name, periodic in SCHEDULE.items():
        click.echo(f"every {periodic.every_seconds} s: {name}, {periodic.why}")
    for job in found:
        click.echo(_line(job))


def _line(job: Job) -> str:
    created = iso_time(job.created_at_ms, "seconds")
    took = (
        f"{(job.finished_at_ms - job.started_at_ms) / 1000:.1f} s" if job.finished_at_ms and job.started_at_ms else ""
    )
    return (
        f"{job.job_id}  {job.name:10} {job.state:8} {job.progress:4.0%}  {created}  {took}  {job.error or job.counts}"
    )


@jobs.command("run")
@click.argument("name", type=click.Choice(["recompute", "archive", "train", "meta"]))
@click.pass_context
def run_command(context: click.Context, name: str) -> None:
    """Run a job by hand."""
    commands = {"recompute": recompute, "archive": archive_command}
    commands |= {"train": offline_commands.train, "meta": offline_commands.meta}
    context.invoke(commands[name])


for _command in (
    offline_commands.train,
    offline_commands.meta,
    offline_commands.evaluate,
    offline_commands.tune,
    offline_commands.steer,
    offline_commands.off_policy,
):
    jobs.add_command(_command)


def main() -> None:
    """Run the command line."""
    run(jobs, "python -m jobs")
