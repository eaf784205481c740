"""Keep an evaluation as a run record with its page, charts and figures."""

from pathlib import Path
from typing import Any

import numpy as np

from dog.offline.evaluation.evaluate import Report, evaluate
from dog.offline.evaluation.evaluation_report import draw_all, render
from dog.offline.evaluation.evaluation_result import Evaluation
from dog.offline.report_page import REPORT_FILE, report_files
from dog.services.run_records import keep_run, run_folder, write_files
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.services.start_proof import figures_of
from dog.storage.run_log import Run

KEPT_FIGURES = (
    "auc",
    "auc_within_contact_week",
    "brier",
    "log_loss",
    "calibration_error",
    "precision_at_1",
    "ndcg_at_3",
    "ndcg_at_10",
)


EVALUATED_SHARE = 0.93
"""Share of the time after which the report is drawn."""


def evaluate_and_keep(
    runtime: Runtime,
    tenant: str,
    policy: str | None = None,
    *,
    folder: Path | None = None,
    report: Report = lambda _share, _text: None,
    runner: Runner | None = None,
    **settings: Any,
) -> tuple[Evaluation, Run, Path]:
    """Evaluate a policy with the settings of `evaluate`; keep it as `keep_evaluation` does."""
    started_ms = runtime.clock()
    found = evaluate(runtime, tenant, policy, report=report, runner=runner, **settings)
    run, page = keep_evaluation(
        runtime,
        tenant,
        found,
        started_ms=started_ms,
        folder=folder,
        report=lambda share, step: report(EVALUATED_SHARE + (1 - EVALUATED_SHARE) * share, step),
    )
    return found, run, page


def keep_evaluation(
    runtime: Runtime,
    tenant: str,
    evaluation: Evaluation,
    *,
    started_ms: int,
    folder: Path | None = None,
    report: Report = lambda _share, _text: None,
) -> tuple[Run, Path]:
    """Draw an evaluation and keep it as a run; write its files to `folder` too, if given.

    Returns the record, and the path of the HTML page.
    """
    drawn = draw_all(evaluation, lambda share: report(share, "drawing"))
    files = report_files(evaluation, drawn, render(evaluation, drawn))
    basis = evaluation.basis
    run = keep_run(
        runtime,
        tenant,
        "evaluate",
        started_ms=started_ms,
        settings={
            "policy": basis.policy,
            "policy_version": basis.policy_version,
            "refit_weeks": basis.refit_weeks,
            "trust_scores": basis.trusted_scores,
        },
        data=basis.fingerprint,
        seed=basis.seed,
        metrics=_metrics(evaluation),
        outcome=f"{evaluation.win_rates.advice} {evaluation.models.advice}",
        files=files,
    )
    if folder is not None:
        write_files(folder, files)
    return run, (folder or run_folder(runtime, run.run_id)) / REPORT_FILE


def _metrics(evaluation: Evaluation) -> dict[str, float | None]:
    """Return the main figures as `PREDICTION.FIGURE`, None where one is not known."""
    found = {
        f"{name.replace(' ', '_')}.{key}": judged.figures[key].value
        for name, judged in evaluation.judged.items()
        for key in KEPT_FIGURES
    }
    found["win_rates.auc"] = evaluation.win_rates.auc_rate.value
    found["win_rates.auc_gain"] = evaluation.win_rates.auc_gain.value
    for part, effect in evaluation.win_rates.effects.items():
        for key in ("auc", "auc_within", "ndcg_at_3", "precision_at_1", "log_loss"):
            found[f"multiplier.{part}.{key}"] = getattr(effect, key).value
    known: dict[str, float | None] = {
        name: float(value) if np.isfinite(value) else None for name, value in found.items()
    }
    return known | figures_of(evaluation.start)
