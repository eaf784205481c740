"""How long a rep waits in the inbox: from a key to the frame that shows its result, in Chromium.

Accepts every card and opens the next contact, as fast as it is shown, then the same with every answer of the service
three seconds late, as a slow line makes it.

PYTHONPATH=. .venv/bin/python benchmarks/console_inbox.py http://127.0.0.1:8000 KEY
"""

import shutil
import sys
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

CONTACTS, CARDS = 10, 4
SLOW_SECONDS = 3.0
PRESS = """key => new Promise((resolve) => {
  const began = performance.now(), at = document.activeElement;
  at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const look = () => {
    const now = document.activeElement;
    if (now !== at && now.matches("article.option")) setTimeout(() => resolve(performance.now() - began));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
"""Presses a key; resolves after the frame in which another card has the focus, with the milliseconds."""
READY = "() => document.querySelector('#outbox').dataset.waiting === '0'"


def measure(browser: Browser, address: str, key: str, delay_seconds: float) -> None:
    """Work through some contacts and print the median and the slowest of each key."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    context.request.post(f"{address}/console/log-in", form={"key": key}, headers={"Origin": address}, max_redirects=0)
    page = context.new_page()
    page.goto(f"{address}/console/")
    page.wait_for_selector("article.option:focus", timeout=60_000)
    if delay_seconds:
        line = {"offline": False, "latency": 1000 * delay_seconds, "downloadThroughput": -1, "uploadThroughput": -1}
        context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
    page.wait_for_timeout(4_000)  # as long as a person reads: the contacts that follow are fetched
    taken = work(page, delay_seconds)
    for name, ms in taken.items():
        slow = f"service {delay_seconds:.0f} s late" if delay_seconds else "service at once"
        print(f"{slow:20} {name:8} median {median(ms):6.0f} ms, slowest {max(ms):6.0f} ms, {len(ms)} times")
    page.wait_for_function(READY, timeout=600_000)
    context.close()


def work(page: Page, delay_seconds: float) -> dict[str, list[float]]:
    """Accept some cards of each contact, and open the next: the times of each key in milliseconds."""
    taken: dict[str, list[float]] = {"accept": [], "next": []}
    for _ in range(CONTACTS if not delay_seconds else 3):
        for _ in range(CARDS):
            taken["accept"].append(page.evaluate(PRESS, "a"))
        taken["next"].append(page.evaluate(PRESS, "n"))
        page.wait_for_timeout(500)
    return taken


def main() -> None:
    """Measure with the service as it is, then slow."""
    address, key = sys.argv[1:3]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for delay_seconds in (0.0, SLOW_SECONDS):
            measure(browser, address, key, delay_seconds)
        browser.close()


if __name__ == "__main__":
    main()
