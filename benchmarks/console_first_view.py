"""How long a first visit to each page of the console takes, in Chromium with nothing cached.

PYTHONPATH=. .venv/bin/python benchmarks/console_first_view.py http://127.0.0.1:8000 KEY
"""

import shutil
import sys
import time

from playwright.sync_api import Browser, Page, Response, sync_playwright

PAGES = {
    "/": "article.option",
    "/learning": "#drawn .series.up path",
    "/rules": "#rules-check h2",
    "/pairs": "#pairs-table tbody tr",
    "/verdicts": "#verdicts-table > *",
    "/desk": ".chart svg",
}
TIMES = 5


def first_view(browser: Browser, address: str, key: str, path: str, seen: str) -> tuple[float, int]:
    """Log in without fetching a page, then open one: seconds until it shows its content, and bytes fetched."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    fetched = 0

    def count(answer: Response) -> None:
        nonlocal fetched
        fetched += int(answer.headers.get("content-length", 0))

    context.request.post(f"{address}/console/log-in", form={"key": key}, headers={"Origin": address}, max_redirects=0)
    page: Page = context.new_page()
    page.on("response", count)
    began = time.perf_counter()
    page.goto(f"{address}/console{path}", wait_until="commit")
    page.wait_for_selector(seen, state="attached", timeout=30_000)
    took = time.perf_counter() - began
    context.close()
    return took, fetched


def main() -> None:
    """Open each page several times and print the median."""
    address, key = sys.argv[1:3]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for path, seen in PAGES.items():
            views = sorted(first_view(browser, address, key, path, seen) for _ in range(TIMES))
            took, fetched = views[TIMES // 2]
            print(f"{path:10} {took:6.2f} s, slowest {views[-1][0]:5.2f} s, {fetched / 1e6:5.2f} MB")
        browser.close()


if __name__ == "__main__":
    main()
