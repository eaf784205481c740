"""`python -m jobs tune`: search the settings of a policy; draft what held-out weeks prove better."""

from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.services.run_records import run_folder

SAMPLERS = ("tpe", "random", "grid", "cmaes")


@click.command("tune")
@click.option("--policy", default="recommended", show_default=True, help="The active policy to start from.")
@click.option("--sampler", default="tpe", show_default=True, type=click.Choice(SAMPLERS))
@click.option("--trials", default=200, show_default=True, type=click.IntRange(1), help="Of the study, in all.")
@click.option("--held-out-weeks", default=8, show_default=True, type=click.IntRange(1, 520))
@click.option("--seed", default=0, show_default=True)
@click.option("--trust-scores", is_flag=True, help="Take loaded scores for pitches older than their as_of, too.")
@click.pass_obj
def tune_command(
    options: Any, policy: str, sampler: str, trials: int, held_out_weeks: int, seed: int, *, trust_scores: bool
) -> None:
    """Search the settings that predict best; run it in several terminals and they share one study."""
    from dog.offline.tuning.tune import tune  # noqa: PLC0415  # scikit-learn takes seconds to import

    runtime = build_runtime(timeout_seconds=JOB_SECONDS)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("tune", total=1.0)
            found = tune(
                runtime,
                options.tenant,
                policy,
                sampler=sampler,
                trials=trials,
                held_out_weeks=held_out_weeks,
                seed=seed,
                trust_scores=trust_scores,
                report=lambda share, text: progress.update(task, completed=share, description=f"tune: {text}"),
            )
        folder = run_folder(runtime, found.run.run_id)
    finally:
        runtime.close()
    for name, value in sorted(found.settings.items()):
        click.echo(f"{name} = {value if isinstance(value, str) else format(value, '.4g')}")
    click.echo(found.proof.sentence())
    click.echo(f"charts: {folder / 'report.html'}")
    if found.draft is None:
        click.echo(f"the champion is not beaten after {found.trials} trials: nothing is drafted ({found.run.run_id})")
    else:
        click.echo(f"stored as a draft, to put in force: python -m dog policy rollback {policy} {found.draft}")
