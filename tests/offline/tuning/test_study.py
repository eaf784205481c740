"""Several processes search one study, one of them is killed, another continues."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dog.offline.tuning.study import TrialJournal, finished_trials, import_optuna
from dog.services.runtime import Runtime
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store
from tests.offline.tuning.test_tune import fill

TRIALS = 16
COMMAND = ("-m", "jobs", "tune", "--trials", str(TRIALS), "--held-out-weeks", "3", "--trust-scores")


def settings_tried(folder: Path) -> list[tuple[tuple[str, object], ...]]:
    """Read the settings of the finished trials of the only study there is."""
    journals = list(folder.glob("*.journal"))
    if not journals:
        return []
    name = journals[0].stem.removesuffix("-tpe-0")
    optuna = import_optuna()
    study = TrialJournal(folder=folder, name=name, sampler="tpe", seed=0).open(optuna)
    return [tuple(sorted(one.items())) for one in finished_trials(study)[0]]


@pytest.mark.slow
def test_two_processes_share_a_study_and_a_third_goes_on_where_one_was_killed(
    runtime: Runtime, store: Store, redis_server: EmbeddedServer, tmp_path: Path
) -> None:
    pytest.importorskip("optuna", reason="the extra `tune` is not installed")
    fill(store, runtime)
    environ = {**os.environ, "DOG_REDIS_URL": redis_server.url, "DOG_DATA_DIR": str(tmp_path)}

    def begin() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *COMMAND], env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    killed, other = begin(), begin()
    until = time.monotonic() + 90
    while len(settings_tried(tmp_path / "studies")) < 4 and time.monotonic() < until:
        time.sleep(0.2)
    killed.kill()
    third = begin()
    said = [process.communicate(timeout=90)[0] for process in (killed, other, third)]

    tried = settings_tried(tmp_path / "studies")
    assert [other.returncode, third.returncode] == [0, 0], said
    assert TRIALS <= len(tried) <= TRIALS + 2
    assert len(tried) - len(set(tried)) <= 1  # the active policy may be tried by both
