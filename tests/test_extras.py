import re
import tomllib
from pathlib import Path

from dog.extras import install_extra

ROOT = Path(__file__).parent.parent


def test_every_extra_that_a_message_names_is_declared_and_locked() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "dog").rglob("*.py")]
    named = {name for source in sources for name in re.findall(r"""install_extra\(["'](\w+)["']\)""", source)}
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]

    assert named == set(declared) - {"dev"}
    assert all((ROOT / f"requirements-{name}.txt").exists() for name in named)
    assert "'decision-option-generator[sql]'" in install_extra("sql")
