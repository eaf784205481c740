"""The commands of the tutorials do what the pages say."""

from pathlib import Path

import pytest

from tests.servers import free_port
from tests.shell_pages import ROOT, run_page

TUTORIALS = ("operators", "spreadsheet")
ADDRESS = "127.0.0.1:8000"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", TUTORIALS)
def test_a_tutorial_does_what_it_says(name: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "tutorials" / f"{name}.md").read_text("utf-8")
    text = text.replace(ADDRESS, f"127.0.0.1:{free_port()}")
    steps = run_page(text, folder=tmp_path, environ={"DOG_DATA_DIR": str(tmp_path / "var")})

    assert [(step.commands, missing, step.printed) for step in steps for missing in step.missing()] == []
    assert any(step.shown for step in steps)
