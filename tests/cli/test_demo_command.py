"""Ctrl-C during the start of `make run`."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_serve_command import descendants, imports_libraries, wait_until_ended
from tests.servers import holds_a_server, wait_until

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("wait_for", ["imports", "server", "sample", "training"])
def test_ctrl_c_during_the_start_is_one_line_and_exit_code_130(tmp_path: Path, wait_for: str) -> None:
    environ = {"DOG_DATA_DIR": str(tmp_path), "DOG_BIND": "127.0.0.1:1", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "dog", "demo", "--once"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        begun = {
            "imports": lambda: imports_libraries(process.pid),
            "server": (tmp_path / "redis").exists,
            "sample": (tmp_path / "sample").exists,
            "training": (tmp_path / "sample/transactions.parquet").exists,
        }[wait_for]
        wait_until(begun, 100)
        started = descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=100)[1]

    assert process.returncode == 130
    assert said.splitlines()[-1] == "interrupted"  # before it what was done so far
    assert "Traceback" not in said
    wait_until_ended(started)
    assert not holds_a_server(tmp_path)
