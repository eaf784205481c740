"""The hooks run before a commit are those of `make check`."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent


def hooks() -> list[dict[str, Any]]:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    return [hook for repo in config["repos"] for hook in repo["hooks"]]


def commands_of(target: str) -> list[str]:
    """Read the commands of a target in the Makefile, with $(BIN) written out."""
    recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert recipe is not None
    return [line.strip().lstrip("@").replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]


def test_the_hooks_are_the_commands_of_make_check() -> None:
    assert [hook["entry"] for hook in hooks() if "stages" not in hook] == commands_of("check")


def test_the_hooks_use_the_tools_of_the_venv_and_check_the_whole_tree() -> None:
    assert all(hook["language"] == "system" and hook["pass_filenames"] is False for hook in hooks())
