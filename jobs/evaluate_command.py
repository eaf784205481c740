"""`python -m jobs evaluate`: how good models, multipliers and rules were, as a page, charts and figures."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from dog.bootstrap import JOB_SECONDS, build_runtime

if TYPE_CHECKING:
    from dog.offline.evaluation.evaluation_result import Evaluation

REFIT_WEEKS = 4


@click.command("evaluate")
@click.option("--policy", default="recommended", show_default=True, help="The active policy to judge.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder to write to, too.")
@click.option("--refit-weeks", default=REFIT_WEEKS, show_default=True, type=click.IntRange(1, 520))
@click.option("--seed", default=0, show_default=True)
@click.option("--trust-scores", is_flag=True, help="Judge loaded scores by pitches older than their as_of, too.")
@click.pass_obj
def evaluate_command(
    options: Any, policy: str, out: Path | None, refit_weeks: int, seed: int, *, trust_scores: bool
) -> None:
    """Walk the history forward in time; write how good models, multipliers and rules were."""
    from dog.offline.evaluation.evaluate import evaluate  # noqa: PLC0415  # scikit-learn takes seconds to import
    from dog.offline.evaluation.keep_evaluation import keep_evaluation  # noqa: PLC0415  # as above

    runtime = build_runtime(timeout_seconds=JOB_SECONDS)
    started_ms = runtime.clock()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("evaluate", total=1.0)

            def report(share: float, text: str) -> None:
                progress.update(task, completed=share, description=f"evaluate: {text}")

            found = evaluate(
                runtime,
                options.tenant,
                policy,
                refit_weeks=refit_weeks,
                seed=seed,
                trust_scores=trust_scores,
                report=report,
            )
            run, page = keep_evaluation(
                runtime,
                options.tenant,
                found,
                started_ms=started_ms,
                folder=out,
                report=lambda share, text: report(0.93 + 0.07 * share, text),
            )
    finally:
        runtime.close()
    _print(found)
    click.echo(f"kept: python -m dog runs show {run.run_id}")
    click.echo(str(page))


def _print(found: "Evaluation") -> None:
    from dog.offline.report_page import format_estimate  # noqa: PLC0415  # as above

    table = Table("prediction", "pitches", "AUC", "Brier", "calibration error", "NDCG at 10")
    for name, judged in found.judged.items():
        keys = ("auc", "brier", "calibration_error", "ndcg_at_10")
        table.add_row(name, f"{judged.pitches:,}", *(format_estimate(judged.figures[key]) for key in keys))
    Console(width=None if Console().is_terminal else 140).print(table)
    click.echo(found.win_rates.advice)
    for lift in found.impact.lifts if found.impact else ():
        click.echo(lift.sentence)
    for name, why in found.basis.left_out.items():
        click.echo(f"left out: {name}, {why}", err=True)
