"""Runs of `python -m MODULE`, each forked from a process that has imported the libraries: most commands only import."""

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["dog.bootstrap", "dog.cli.main", "dog.services.data.load_file", "dog.api.app"])


def run_module(
    words: Sequence[str], *, environ: Mapping[str, str], cwd: Path, outputs: Path, timeout_seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run a module with its arguments in a process of its own; what it prints goes through files in `outputs`."""
    outputs.mkdir(exist_ok=True)
    printed = outputs / "stdout", outputs / "stderr"
    process = FORKS.Process(target=_run, args=(list(words), dict(environ), cwd, printed))
    process.start()
    process.join(timeout_seconds)
    if process.exitcode is None:
        process.kill()
        raise subprocess.TimeoutExpired(list(words), timeout_seconds)
    stdout, stderr = (path.read_text("utf-8") for path in printed)
    return subprocess.CompletedProcess(list(words), process.exitcode, stdout, stderr)


def _run(words: list[str], environ: dict[str, str], cwd: Path, printed: tuple[Path, Path]) -> None:
    for number, path in enumerate(printed, 1):
        with path.open("wb") as file:
            os.dup2(file.fileno(), number)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(cwd)
    sys.argv = list(words)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
