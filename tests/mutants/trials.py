"""A trial: one change of one file, and the tests that should notice it, run in a copy of the tree."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.mutants.changes import Change

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Trial:
    """One change of one file."""

    file: str
    source: str
    change: Change

    @property
    def key(self) -> tuple[str, str, str]:
        """What a kept result belongs to: file, change, text of the file."""
        return self.file, self.change.says, hashlib.sha256(self.source.encode()).hexdigest()[:12]


@dataclass(slots=True)
class TrialServer:
    """A copy of the tree, and the process that runs trials in it.

    `folder` is kept: numba finds compiled kernels by the path of their source.
    """

    folder: Path
    process: subprocess.Popen[str] = field(init=False)
    passes_unchanged: dict[str, bool] = field(default_factory=dict)
    """Failing test -> whether it passes without the change."""

    def __post_init__(self) -> None:
        """Copy the tree and start the process."""
        tree = self.folder / "tree"
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv*", "var", ".*_cache"))
        command = [sys.executable, "-m", "tests.mutants.trial_server"]
        environ = {**os.environ, "NUMBA_CACHE_DIR": str(self.folder.resolve() / "kernels")}
        self.process = subprocess.Popen(
            command, cwd=tree, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def try_change(self, trial: Trial, tests: list[str], most_seconds: float) -> dict[str, Any]:
        """Run the tests of a change. A test that fails without the change as well is left out, and the rest run."""
        changed = trial.change.applied_to(trial.source)
        while (result := self._ask(trial.file, changed, tests, most_seconds))["outcome"] == "noticed":
            test = result["test"]
            if test not in self.passes_unchanged:
                alone = self._ask(trial.file, trial.source, [test] if test else tests, most_seconds)
                self.passes_unchanged[test] = alone["outcome"] == "survived"
            if self.passes_unchanged[test]:
                break
            if not test:
                return {**result, "outcome": "broken"}
            tests = [*tests, f"--deselect={test}"]
        return result

    def _ask(self, file: str, source: str, tests: list[str], most_seconds: float) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"file": file, "source": source, "tests": tests, "most_seconds": most_seconds}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        result: dict[str, Any] = json.loads(self.process.stdout.readline())
        return result

    def close(self) -> None:
        """End the process."""
        self.process.communicate()
