"""Commands as a user types them, each test with a data folder of its own."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.module_runs import run_module

Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path: Path) -> Command:
    """Run a module with a data folder of its own."""

    def call(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOG_")}
        env = {
            **kept,
            "DOG_DATA_DIR": str(tmp_path / "var"),
            "DOG_POLICY_DIR": str(ROOT / "rules"),
            **environ,
        }
        return run_module(words, environ=env, cwd=ROOT, outputs=tmp_path / "outputs", timeout_seconds=240)

    return call
