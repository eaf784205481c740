"""`dog jobs train`, `meta`, `evaluate`, `tune` and `off-policy`: the commands of `dog.offline`.

They import what they run when they are called: scikit-learn takes seconds to import.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from dog.cli.runner_options import open_job, runner_options
from dog.cli.terminal import table_console
from dog.errors import NotReady
from dog.services.run_records import run_folder
from dog.services.start_proof import describe_proof

if TYPE_CHECKING:
    from dog.offline.evaluation.evaluation_result import Evaluation

SAMPLERS = ("tpe", "random", "grid", "cmaes")


@click.command()
@click.option("--seed", default=0, show_default=True)
@click.option("--force", is_flag=True, help="Take also the scores of a model that is worse than the one in use.")
@runner_options
@click.pass_obj
def train(tenant: str, seed: int, *, force: bool, processes: int, dask: str | None) -> None:
    """Fit churn, purchase frequency, collaborative filtering and start on the loaded transactions and feedback."""
    from dog.offline.meta import learn  # noqa: PLC0415  # see the module

    with open_job("train", processes=processes, dask=dask) as (runtime, runner, report):
        learned = learn(runtime, tenant, seed=seed, force=force, by_hand=True, report=report, runner=runner)
    table = Table("model", "quality on held-out weeks", "naive baseline", "scores")
    for model in learned.models:
        table.add_row(model.name, _metrics(model.quality), _metrics(model.baseline), f"{model.score_count:,}")
    table_console(120).print(table)
    click.echo(learned.parts["start"])
    for model in learned.models:
        if model.refused:
            click.echo(f"{model.name}: the old scores stay (--force takes the new): {model.refused}")


@click.command()
@click.option("--seed", default=0, show_default=True)
@runner_options
@click.pass_obj
def meta(tenant: str, seed: int, processes: int, dask: str | None) -> None:
    """Keep each part on the best proved setting: refit, prove, switch on, record; the scheduler does it weekly."""
    from dog.offline.meta import learn  # noqa: PLC0415  # see the module

    with open_job("meta", processes=processes, dask=dask) as (runtime, runner, report):
        learned = learn(runtime, tenant, seed=seed, report=report, runner=runner)
    for part, says in learned.parts.items():
        click.echo(f"{part}: {says.removeprefix(f'{part}: ')}")


def _metrics(metrics: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())


@click.command()
@click.option("--policy", help="The active policy to judge (the default policy).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder to write to, too.")
@click.option("--refit-weeks", default=4, show_default=True, type=click.IntRange(1, 520))
@click.option("--seed", default=0, show_default=True)
@click.option("--trust-scores", is_flag=True, help="Judge loaded scores by pitches older than their as_of, too.")
@runner_options
@click.pass_obj
def evaluate(
    tenant: str,
    policy: str | None,
    out: Path | None,
    refit_weeks: int,
    seed: int,
    *,
    trust_scores: bool,
    processes: int,
    dask: str | None,
) -> None:
    """Walk the history forward in time; write how good models, multipliers and rules were."""
    from dog.offline.evaluation.keep_evaluation import evaluate_and_keep  # noqa: PLC0415  # see the module
    from dog.offline.evaluation.start_curve import read_start_curve  # noqa: PLC0415

    with open_job("evaluate", processes=processes, dask=dask) as (runtime, runner, report):
        try:
            found, run, page = evaluate_and_keep(
                runtime,
                tenant,
                policy,
                folder=out,
                report=report,
                runner=runner,
                refit_weeks=refit_weeks,
                seed=seed,
                trust_scores=trust_scores,
            )
        except NotReady as error:  # purchases alone tell how well contacts start
            proof = read_start_curve(runtime.store(tenant), runtime.clock())
            if proof is None:
                raise
            report(1.0, "done")
            _print_start(proof)
            click.echo(f"nothing else was evaluated: {error.message}", err=True)
            return
    _print_evaluation(found)
    click.echo(f"kept: dog runs show {run.run_id}")
    click.echo(str(page))


def _print_evaluation(found: "Evaluation") -> None:
    from dog.offline.evaluation.evaluation_report import EFFECT_NAMES  # noqa: PLC0415  # see the module
    from dog.offline.statistics.format_estimates import format_estimate  # noqa: PLC0415

    table = Table("prediction", "pitches", "AUC", "AUC in contact-week", "NDCG at 3", "precision at 1", "log loss")
    keys = ("auc", "auc_within_contact_week", "ndcg_at_3", "precision_at_1", "log_loss")
    for name, judged in found.judged.items():
        figures = [format_estimate(judged.figures[key]).replace("; ", "\n") for key in keys]
        table.add_row(name, f"{judged.pitches:,}", *figures)
    table_console(160).print(table)
    for part, effect in found.win_rates.effects.items():
        click.echo(f"multiplier, {EFFECT_NAMES[part]}: {effect.sentence()}")
    click.echo(found.win_rates.advice)
    click.echo(found.models.advice)
    for lift in found.impact.lifts if found.impact else ():
        click.echo(lift.sentence)
    _print_start(found.start)
    for name, why in found.basis.left_out.items():
        click.echo(f"left out: {name}, {why}", err=True)


def _print_start(proof: Mapping[str, Any] | None) -> None:
    """Print the few-shot curve of the tenant's own contacts, and what the gate decided."""
    from dog.offline.evaluation import start_curve  # noqa: PLC0415  # see the module

    if proof is not None:
        curve, cold = Table(*start_curve.HEAD), Table(*start_curve.COLD_HEAD)
        for row in start_curve.curve_rows(proof):
            curve.add_row(*(cell.replace(" [", "\n[") for cell in row))
        table_console(160).print(curve)
        for row in start_curve.cold_rows(proof):
            cold.add_row(*row)
        table_console(160).print(cold)
    click.echo(describe_proof(proof))


@click.command()
@click.option("--policy", help="The active policy to start from (the default policy).")
@click.option("--sampler", default="tpe", show_default=True, type=click.Choice(SAMPLERS))
@click.option("--trials", default=200, show_default=True, type=click.IntRange(1), help="Of the study, in all.")
@click.option("--held-out-weeks", default=8, show_default=True, type=click.IntRange(1, 520))
@click.option("--seed", default=0, show_default=True)
@click.option("--trust-scores", is_flag=True, help="Take loaded scores for pitches older than their as_of, too.")
@runner_options
@click.pass_obj
def tune(
    tenant: str,
    policy: str | None,
    sampler: str,
    trials: int,
    held_out_weeks: int,
    seed: int,
    *,
    trust_scores: bool,
    processes: int,
    dask: str | None,
) -> None:
    """Search the settings that predict best; run it in several terminals and they share one study."""
    from dog.offline.tuning import tune as tuning  # noqa: PLC0415  # see the module

    with open_job("tune", processes=processes, dask=dask) as (runtime, runner, report):
        found = tuning.tune(
            runtime,
            tenant,
            policy,
            sampler=sampler,
            trials=trials,
            held_out_weeks=held_out_weeks,
            seed=seed,
            trust_scores=trust_scores,
            report=report,
            runner=runner,
        )
        folder = run_folder(runtime, found.run.run_id)
    for name, value in sorted(found.settings.items()):
        click.echo(f"{name} = {value if isinstance(value, str) else format(value, '.4g')}")
    click.echo(found.proof.sentence())
    click.echo(f"charts: {folder / 'report.html'}")
    if found.draft is None:
        click.echo(f"the champion is not beaten after {found.trials} trials: nothing is drafted ({found.run.run_id})")
    else:
        click.echo(f"stored as a draft; to activate it: dog policy activate {found.policy} {found.draft}")


@click.command()
@click.option("--seed", default=0, show_default=True)
@click.option("--trust-scores", is_flag=True, help="Take loaded scores for pitches older than their as_of, too.")
@runner_options
@click.pass_obj
def steer(tenant: str, seed: int, *, trust_scores: bool, processes: int, dask: str | None) -> None:
    """Publish safer settings of the policies with self_steer = true, where the history proves them better."""
    from dog.offline.steering import steer as steering  # noqa: PLC0415  # see the module

    with open_job("steer", processes=processes, dask=dask) as (runtime, runner, report):
        found = steering.steer(runtime, tenant, seed=seed, trust_scores=trust_scores, report=report, runner=runner)
    if not found:
        click.echo("no active policy has self_steer = true under [reinforcement]")
    for one in found:
        click.echo(f"{one.policy}: {'published ' + one.version + ', ' if one.version else ''}{one.sentence}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--clip", type=click.FloatRange(min=0, min_open=True), help="Largest weight; else the root of the rows.")
@click.option("--seed", default=0, show_default=True)
def off_policy(file: Path, clip: float | None, seed: int) -> None:
    """Estimate what a policy would have won, from rows of contact_id, reward, propensity and its chance."""
    from dog.offline.off_policy.estimate_from_file import estimate_from_file  # noqa: PLC0415  # see the module
    from dog.offline.statistics.format_estimates import format_estimate  # noqa: PLC0415

    with Console(stderr=True).status("reading and drawing contacts"):
        found = estimate_from_file(file, clip, seed)
    table = Table("estimator", "reward a row, 95% interval", "less what was won")
    for method, estimate in found.estimates.items():
        table.add_row(method, format_estimate(estimate, 4), format_estimate(found.gains[method], 4))
    table_console(120).print(table)
    click.echo(
        f"won a row: {found.logged:.4f}; {found.rows:,} rows of {found.contacts:,} contacts, worth "
        f"{found.effective_rows:,.0f} rows of equal weight; weights average {found.mean_weight:.2f}, "
        f"{found.clipped:.1%} clipped at {found.clip:.3g}"
    )
