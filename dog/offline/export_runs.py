"""Export run records to MLflow."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from dog.errors import InvalidInput
from dog.extras import install_extra
from dog.services.run_records import run_folder
from dog.services.runtime import Runtime
from dog.storage.run_log import Run, list_runs

EXPERIMENT = "dog"
RUN_ID = "dog.run_id"
FINISHED = "FINISHED"
ENVIRONMENT = {
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
}
"""Read when MLflow is imported; without them it refuses folders, sends telemetry, and retries for minutes."""
MAX_TEXT = 5000
RUNS_PER_PAGE = 1000


def export_runs(runtime: Runtime, tenant: str, uri: str, report: Callable[[float], None] = lambda _: None) -> int:
    """Write the kept runs, oldest first, to the MLflow experiment `dog-TENANT`; return how many were new.

    `uri` is a folder (MLflow's file store) or the address of a tracking server. Runs already there are left alone.
    Raises `InvalidInput` where MLflow is not installed, or the runs cannot be written there.
    """
    mlflow = _mlflow()
    runs = sorted(list_runs(runtime.store(tenant)), key=lambda run: run.at_ms)
    try:
        client = mlflow.MlflowClient(tracking_uri=uri if "://" in uri else Path(uri).absolute().as_uri())
        experiment_id, known = _open(client, f"{EXPERIMENT}-{tenant}")
        wanted = [run for run in runs if run.run_id not in known]
        for done, run in enumerate(wanted, 1):
            _write(client, mlflow.entities, experiment_id, run, run_folder(runtime, run.run_id))
            report(done / len(wanted))
    except (mlflow.exceptions.MlflowException, OSError) as error:
        raise InvalidInput(f"MLflow at {uri} takes no runs: {str(error).splitlines()[0]}") from None
    return len(wanted)


def _mlflow() -> Any:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import mlflow  # noqa: PLC0415  # an extra
    except ImportError:
        raise InvalidInput(f"the export needs MLflow; install it: {install_extra('mlflow')}") from None
    return mlflow


def _open(client: Any, name: str) -> tuple[str, set[str]]:
    """Find or create the experiment, delete unfinished runs of a killed export, return id and run ids there."""
    experiment = client.get_experiment_by_name(name)
    if experiment is None:
        return client.create_experiment(name), set()
    known, token = set(), None
    while True:
        page = client.search_runs([experiment.experiment_id], max_results=RUNS_PER_PAGE, page_token=token)
        for found in page:
            if found.info.status == FINISHED:
                known.add(found.data.tags.get(RUN_ID, ""))
            elif RUN_ID in found.data.tags:
                client.delete_run(found.info.run_id)
        token = page.token
        if not token:
            return experiment.experiment_id, known


def _write(client: Any, entities: Any, experiment_id: str, run: Run, folder: Path) -> None:
    started_ms = run.at_ms - round(run.seconds * 1000)
    tags = {RUN_ID: run.run_id, "dog.kind": run.kind, "mlflow.note.content": run.outcome[:MAX_TEXT]}
    made = client.create_run(experiment_id, started_ms, tags, run_name=f"{run.kind} {run.run_id}").info.run_id
    params = {**run.settings, "code": run.code, "data": run.data, "seed": run.seed}
    client.log_batch(
        made,
        metrics=[
            entities.Metric(re.sub(r"[^\w\-. :/]", "_", name), value, run.at_ms, 0)
            for name, value in run.metrics.items()
            if value is not None
        ],
        params=[entities.Param(name, _text(value)) for name, value in params.items()],
    )
    if run.files and folder.is_dir():
        client.log_artifacts(made, str(folder))
    client.set_terminated(made, FINISHED, run.at_ms)


def _text(value: Any) -> str:
    return (value if isinstance(value, str) else orjson.dumps(value).decode())[:MAX_TEXT]
