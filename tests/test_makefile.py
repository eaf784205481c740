"""The steps of the Makefile: what `make run` prints before the service prints itself."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent


def make_step(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a step that prints the time each second."""
    (folder / "Makefile").write_text(f"include {ROOT}/Makefile\n\nstep:\n\t@$(call step,Waiting,{command})\n")
    words = ["make", "-s", "-C", str(folder), "step", "TICK_SECONDS=1"]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_a_step_is_named_and_prints_the_time_until_it_ends(tmp_path: Path) -> None:
    done = make_step(tmp_path, "sleep 3; echo done")
    lines = done.stdout.splitlines()

    assert done.returncode == 0
    assert (lines[:2], lines[-1]) == (["Waiting", "  1 s"], "done")


def test_a_step_that_fails_stops_make(tmp_path: Path) -> None:
    done = make_step(tmp_path, "false")

    assert done.returncode == 2
    assert done.stdout == "Waiting\n"
