"""The documentation site: built strictly, read without other servers, searched offline."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from clients.make_client import read_document

ROOT = Path(__file__).parents[1]
QUESTIONS = {
    "why is this product not offered": "how-to/why_not_offered.html",
    "how do I turn a rule off": "how-to/turn_a_rule_off.html",
    "what happens when Redis dies": "how-to/monitoring.html",
    "how do I undo yesterday's load": "how-to/data.html",
    "how do I add a rule kind": "how-to/extend.html",
}
"""What people look for, and the page that has the answer."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "docs", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.mark.slow
def test_a_page_loads_nothing_from_other_servers(site: Path) -> None:
    pages = [page.read_text("utf-8") for page in site.rglob("*.html")]
    loaded = [tag for page in pages for tag in re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", page)]

    assert [tag for tag in loaded if re.search(r"(src|href)=.(https?:)?//", tag)] == []
    assert len(loaded) > len(pages)


@pytest.mark.slow
def test_every_route_stands_in_the_reference(site: Path) -> None:
    page = (site / "reference" / "http.html").read_text("utf-8")
    routes = [f"{method.upper()} {path}" for path, item in read_document()["paths"].items() for method in item]

    assert [route for route in routes if not route.startswith("PARAMETERS") and route not in page] == []


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_by_the_search_without_a_network(site: Path, browser: Browser, question: str) -> None:
    page = browser.new_page(offline=True)
    page.goto(f"{site.as_uri()}/search.html?q={question.replace(' ', '+')}")
    found = page.locator("#search-results li > a")
    found.first.wait_for()
    page.wait_for_function("document.querySelector('#search-results .search-summary')?.textContent.includes('found')")
    first = [str(link.get_attribute("href")) for link in found.all()[:3]]
    page.close()

    assert any(QUESTIONS[question] in link for link in first), first
