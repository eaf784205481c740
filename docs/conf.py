"""Settings of the documentation site; `make docs` builds it with Sphinx."""

import os
import re
from pathlib import Path

from sphinx.application import Sphinx

from clients.make_client import read_document
from docs.http_reference import write_reference

project = "DOG"
html_title = "DOG"
extensions = ["myst_nb"]
exclude_patterns = ["images"]
os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])  # the notebook starts the service of this checkout
nb_execution_mode = "force"  # a notebook runs with every build
nb_execution_raise_on_error = True
myst_heading_anchors = 3
nitpicky = True
html_theme = "furo"
html_favicon = "../dog/console/static/mark.svg"
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False

SECTION = re.compile(r"^## (.+)\n([^#]*)", re.MULTILINE)
PAGE = re.compile(r"\]\(([\w/-]+)\.(?:md|ipynb)\)")


def add_navigation(_app: Sphinx, name: str, source: list[str]) -> None:
    """Make the navigation of the links on a page named `index`: they read well on GitHub, a toctree does not."""
    if name == "index":
        for heading, text in SECTION.findall(source[0]):
            source[0] += toctree(PAGE.findall(text), f":caption: {heading}\n")
    elif name.endswith("/index"):
        source[0] += toctree(PAGE.findall(source[0]))


def add_routes(_app: Sphinx, name: str, source: list[str]) -> None:
    """Add the reference of the HTTP API to its page."""
    if name == "reference/http":
        source[0] += write_reference(read_document())


def toctree(pages: list[str], options: str = "") -> str:
    """Return a hidden table of contents."""
    lines = "\n".join(dict.fromkeys(pages))
    return f"\n```{{toctree}}\n:hidden:\n{options}\n{lines}\n```\n" if pages else ""


def setup(app: Sphinx) -> None:
    """Connect to the events of a build."""
    app.connect("source-read", add_navigation)
    app.connect("source-read", add_routes)
