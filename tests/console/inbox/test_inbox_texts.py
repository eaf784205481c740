"""The texts of the scripts, and the keys that the help shows."""

import re
from pathlib import Path

from tests.console.inbox.conftest import Rep

STATIC = Path(__file__).parents[3] / "dog" / "console" / "static"
SCRIPTS = ("inbox", "actions", "palette", "outbox_banner")


def test_every_text_that_a_script_asks_for_is_on_the_page(rep: Rep) -> None:
    page = rep.get("/").text
    scripts = "".join(
        (STATIC / f"{name}.js").read_text("utf-8") for name in ("inbox", "actions", "palette", "outbox_banner")
    )
    asked = set(re.findall(r"\btexts\.(\w+)", scripts))

    assert {name for name in asked if f'"{name}"' not in page} == set()


def test_the_help_names_every_key(rep: Rep) -> None:
    page = rep.get("/").text

    assert {key for key in "jkadrpwlzounb/?" if f"<kbd>{key}</kbd>" not in page} == set()
