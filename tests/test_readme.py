"""Every line of the README and of the API by example is run, on the sample data, on any day."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser

from tests.console.conftest import Visit, picture
from tests.servers import free_port
from tests.shell_pages import FENCE, ROOT, run_page

README = (ROOT / "README.md").read_text("utf-8")
ADDRESS = "127.0.0.1:8000"
START_SECONDS = 900


def is_ready(address: str) -> bool:
    with suppress(OSError), urlopen(f"http://{address}/health/ready") as answer:
        return bool(answer.status == 200)
    return False


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Start `make run` with data of its own and no installation; give the folder that has `var`, and the address."""
    folder, address = tmp_path_factory.mktemp("readme"), f"127.0.0.1:{free_port()}"
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    own = {"DOG_DATA_DIR": str(folder / "var"), "DOG_BIND": address}
    log = folder / "make.log"
    with log.open("wb") as output:
        command = ["make", "-o", ".venv/run.done", "run"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | own, stdout=output, stderr=output, start_new_session=True
        )
    give_up = time.monotonic() + START_SECONDS
    while not is_ready(address):
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < give_up, log.read_text("utf-8")
        time.sleep(0.5)
    yield folder, address
    os.killpg(process.pid, signal.SIGINT)
    process.wait(60)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(START_SECONDS + 300)
def test_the_inbox_shows_offers_with_their_reasons(demo: tuple[Path, str], browser: Browser) -> None:
    folder, address = demo
    visit = Visit(browser.new_page(viewport={"width": 1200, "height": 800}), f"http://{address}")
    visit.log_in((folder / "var" / "demo.key").read_text("utf-8"))
    visit.page.get_by_role("button", name="Next contact").click()
    visit.page.wait_for_selector("article.option")
    visit.page.keyboard.press("o")
    picture(visit, "offers")

    assert visit.page.locator("article.option").count() >= 3
    assert "Bought" in visit.page.locator("article.option").first.inner_text()
    visit.page.close()


@pytest.mark.slow
@pytest.mark.timeout(START_SECONDS + 300)
@pytest.mark.parametrize(("page", "skip"), [("README.md", 1), ("docs/how-to/api.md", 0)])
def test_every_line_does_what_the_page_says(demo: tuple[Path, str], page: str, skip: int) -> None:
    folder, address = demo
    text = (ROOT / page).read_text("utf-8").replace(ADDRESS, address)
    steps = run_page(text, folder=folder, environ={"DOG_DATA_DIR": str(folder / "var")}, skip=skip)

    assert [(step.commands, missing, step.printed) for step in steps for missing in step.missing()] == []
    assert len(steps) >= 4


def test_the_first_block_holds_the_two_commands() -> None:
    language, commands = FENCE.findall(README)[0]

    assert language == "bash"
    assert [line.partition("#")[0].strip() for line in commands.splitlines()] == ["make run", "make test"]


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 120
