"""Debian's Chromium, for the tests of pages."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium") or ""


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run the browser; skip the test where there is none."""
    if not CHROMIUM:
        pytest.skip("there is no chromium here; to have it: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
