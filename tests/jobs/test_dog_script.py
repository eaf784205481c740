import os
import subprocess
import sys
from pathlib import Path

import dog

ROOT = Path(__file__).parents[2]


def type_dog(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DOG_LOG_LEVEL": "error", **environ}
    command = [sys.executable, "-c", "from jobs.dog_script import main; main()", *words]
    return subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)


def test_dog_has_the_jobs_beside_its_own_commands(tmp_path: Path) -> None:
    helped = type_dog(tmp_path, "--help").stdout

    assert helped.startswith("Usage: dog [OPTIONS] COMMAND")
    assert "\n  jobs " in helped
    assert "\n  serve " in helped


def test_dog_jobs_acts_on_the_tenant_that_is_named_anywhere(tmp_path: Path) -> None:
    for words in (("--tenant", "mine", "jobs", "list"), ("jobs", "list", "--tenant", "mine")):
        assert "tenant 'mine' does not exist" in type_dog(tmp_path, *words).stderr


def test_dog_states_its_version(tmp_path: Path) -> None:
    assert type_dog(tmp_path, "--version").stdout == f"dog {dog.__version__}\n"


def test_a_shell_completes_the_jobs(tmp_path: Path) -> None:
    asked = {"_DOG_COMPLETE": "bash_complete", "COMP_WORDS": "dog jobs rec", "COMP_CWORD": "2"}

    assert type_dog(tmp_path, **asked).stdout == "plain,recompute\n"
