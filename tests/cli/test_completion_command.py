import shutil
import subprocess

import pytest

from dog.cli.completion_command import SHELLS
from tests.cli.conftest import Command


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_asks_the_installed_command(run: Command, shell: str) -> None:
    script = run("dog", "completion", shell).stdout

    assert f"_DOG_COMPLETE={shell}_complete" in script
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=script, text=True, check=False).returncode == 0
