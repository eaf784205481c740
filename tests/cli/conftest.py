"""Commands as a user types them, each test with a data folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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
        return subprocess.run(  # noqa: PLW1510  # the exit code is what is tested
            [sys.executable, "-m", *words], capture_output=True, text=True, cwd=ROOT, env=env, timeout=90
        )

    return call
