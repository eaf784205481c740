"""Record the inputs and results of runs; compare two runs."""

import hashlib
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

import dog
from dog.log import log
from dog.services.runtime import Runtime
from dog.storage.audit_log import acting_name
from dog.storage.run_log import Run, put_run, read_run

SAME_INPUTS = ("kind", "settings", "code", "data", "seed")


def keep_run(
    runtime: Runtime,
    tenant: str,
    kind: str,
    *,
    started_ms: int,
    settings: Mapping[str, Any],
    data: str,
    metrics: Mapping[str, float | None],
    seed: int | None = None,
    outcome: str = "",
    files: Mapping[str, bytes] | None = None,
) -> Run:
    """Record a finished run and write its files to `DOG_DATA_DIR/runs/RUN_ID`.

    The files are written first, so a record never names a missing file; if they cannot be written, the run is
    recorded without files.
    """
    store, now_ms = runtime.store(tenant), runtime.clock()
    run_id = f"run_{secrets.token_hex(6)}"
    files = files or {}
    try:
        write_files(run_folder(runtime, run_id), files)
    except OSError as error:
        log.warning("run_files_not_written", run_id=run_id, reason=str(error))
        files = {}
    run = Run(
        run_id=run_id,
        kind=kind,
        at_ms=now_ms,
        seconds=(now_ms - started_ms) / 1000,
        settings=dict(settings),
        code=code_version(),
        data=data,
        seed=seed,
        metrics=dict(metrics),
        outcome=outcome,
        by=acting_name(),
        files=sorted(files),
    )
    for forgotten in put_run(store, run):
        shutil.rmtree(run_folder(runtime, forgotten), ignore_errors=True)
    return run


def run_folder(runtime: Runtime, run_id: str) -> Path:
    """Return the folder of a run's files."""
    return runtime.settings.data_dir / "runs" / run_id


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write each file atomically into a folder, which is created only if there are files."""
    if not files:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        unfinished = folder / f".{name}.unfinished"
        unfinished.write_bytes(content)
        unfinished.replace(folder / name)


@cache
def code_version() -> str:
    """Return the program's version with a hash of its sources, so that a changed line is another version."""
    root = Path(dog.__file__).parent
    found = hashlib.blake2b(digest_size=6)
    for path in sorted(root.rglob("*.py")):
        found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{dog.__version__}+{found.hexdigest()}"


def fingerprint(*parts: Any) -> str:
    """Hash data: arrays by their bytes, everything else by its sorted JSON."""
    found = hashlib.blake2b(digest_size=12)
    for part in parts:
        content = part.tobytes() if isinstance(part, np.ndarray) else orjson.dumps(part, option=orjson.OPT_SORT_KEYS)
        found.update(len(content).to_bytes(8) + content)
    return found.hexdigest()


def compare_runs(runtime: Runtime, tenant: str, first_id: str, second_id: str) -> dict[str, Any]:
    """Return `same_inputs`, `same_metrics`, and `inputs` and `metrics` that differ as pairs [first, second].

    Runs with the same inputs have the same metrics; otherwise something is not deterministic. Raise `NotFound` if a
    run is unknown.
    """
    store = runtime.store(tenant)
    first, second = (asdict(read_run(store, run_id)) for run_id in (first_id, second_id))
    inputs = {name: [first[name], second[name]] for name in SAME_INPUTS if first[name] != second[name]}
    one, other = first["metrics"], second["metrics"]
    metrics = {
        name: [one.get(name), other.get(name)]
        for name in sorted({*one, *other})
        if name not in one or name not in other or one[name] != other[name]
    }
    return {"same_inputs": not inputs, "same_metrics": not metrics, "inputs": inputs, "metrics": metrics}
