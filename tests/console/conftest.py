"""The console as a person meets it: a real server, a real browser, a tenant whose right answers are known."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Dialog, Page, expect
from werkzeug.serving import make_server

from dog.api.app import create_app
from dog.console.mount import mount_console
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.api_keys import SCOPES, create_key
from dog.storage.sender import Sender
from dog.storage.store import Store
from tests.conftest import NOW, Clock

PICTURES = Path(__file__).parent.parent.parent / "docs" / "images"
PATIENCE_MS = 60_000  # a loaded machine may take ten times as long as a quiet one
expect.set_options(timeout=PATIENCE_MS)
ORIGIN = {"Origin": "http://localhost"}
"""A header that browsers send with each POST of a page."""
HOSTILE = "Oak & Pine" if os.environ.get("PICTURES") else "<img src=x onerror=alert(1)>"
"""A name that would run if it were ever taken for HTML; pictures have a harmless one."""


ADMIN = Sender(key_id="admin", is_admin=True)


@dataclass
class Visit:
    """One person's browser window: the page, and everything it should not have done."""

    page: Page
    address: str
    strangers: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def refuse(self, dialog: Dialog) -> None:
        """Note a dialog: nothing here ever opens one."""
        self.errors.append(dialog.message)
        dialog.dismiss()

    def go(self, path: str) -> None:
        """Open a page of the console."""
        self.page.goto(f"{self.address}/console{path}")

    def log_in(self, key: str) -> None:
        """Come in with a key."""
        self.go("/log-in")
        self.page.fill("#key", key)
        self.page.press("#key", "Enter")
        self.page.wait_for_selector("#navigation a")


@pytest.fixture
def shop(runtime: Runtime, store: Store) -> Store:
    """Load a few products and contacts, one with a hostile name; p1 scores best, p6 worst."""
    zone = runtime.settings.zone
    names = ("Fax machine", "Desk phone", "Standing desk", "Office chair", HOSTILE, "Whiteboard")
    products = [
        {"product_id": f"p{n}", "name": name, "category": "office" if n < 3 else "furniture", "value": 10.0 * n}
        for n, name in enumerate(names, 1)
    ]
    contacts = [
        {"contact_id": "c1", "account_id": "a1", "name": "Ann Miller", "segment": "gold", "channels": "call;email"},
        {"contact_id": "c2", "account_id": "a1", "name": HOSTILE, "segment": "gold", "channels": "email"},
        {"contact_id": "c3", "account_id": "a2", "name": "Cid Okafor", "segment": "iron"},
    ]
    import_rows(store, "products", products, zone)
    import_rows(store, "contacts", contacts, zone)
    scores = [
        {"contact_id": f"c{c}", "product_id": f"p{p}", "model": model, "score": 0.7 - p / 10, "as_of": "2026-11-01"}
        for c in (1, 2, 3)
        for p in range(1, 7)
        for model in ("frequency", "cf")
    ]
    import_rows(store, "scores", scores, zone)
    bought = [
        {"contact_id": "c1", "product_id": product, "occurred_at": f"2026-{day}T10:00:00Z"}
        for product, day in (("p2", "06-03"), ("p2", "10-30"), ("p3", "11-11"))
    ]
    import_rows(store, "transactions", bought, zone)
    return store


@pytest.fixture
def published(runtime: Runtime, shop: Store, clock: Clock) -> Store:
    """Publish two weeks in which every contact was pitched every product once; c1 won all, c2 the first three."""
    events = []
    for contact, won in (("c1", 6), ("c2", 3), ("c3", 0)):
        for number in range(1, 7):
            about = {"contact_id": contact, "product_id": f"p{number}", "occurred_at": "2026-11-20T11:00:00Z"}
            events.append({"event_id": f"{contact}{number}", "type": "pitch", **about})
            end = "win" if number <= won else "loss"
            events.append({"event_id": f"{contact}{number}x", "type": end, **about})
    answer_feedback(runtime, "default", events, substitute=False, sender=ADMIN)
    clock.set("2026-12-01T00:00:00")
    run_recompute(runtime, "default")
    return shop


@pytest.fixture
def address(runtime: Runtime, shop: Store) -> Iterator[str]:
    """Serve API and console on this machine."""
    app = mount_console(create_app(runtime), runtime)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def make_key(runtime: Runtime) -> Callable[..., str]:
    """Make keys of chosen scopes."""

    def make(*scopes: str) -> str:
        return create_key(runtime.redis, "default", "Ada", scopes or SCOPES, None, NOW)

    return make


@pytest.fixture
def log_in(runtime: Runtime, store: Store, make_key: Callable[..., str]) -> Callable[..., FlaskClient]:
    """Return clients that are logged in with keys of chosen scopes, all without one."""
    assert store.tenant.name == "default"  # the keys are its own

    def make(*scopes: str) -> FlaskClient:
        client = mount_console(create_app(runtime), runtime).test_client()
        answer = client.post("/console/log-in", data={"key": make_key(*scopes)}, headers=ORIGIN)
        assert answer.status_code == 303, answer.text
        return client

    return make


@pytest.fixture
def open_window(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    """Open browser windows that remember every request to elsewhere and every error."""
    contexts = []

    def open_one(width: int = 1280, height: int = 860, locale: str = "en-US") -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        contexts.append(context)
        visit = Visit(context.new_page(), address)
        page = visit.page
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda asked: visit.strangers.append(asked.url) if _strange(asked.url, address) else None)
        page.on("pageerror", lambda error: visit.errors.append(str(error)))
        page.on("console", lambda said: visit.errors.append(said.text) if said.type == "error" else None)
        page.on("dialog", visit.refuse)
        return visit

    yield open_one
    for context in contexts:
        context.close()


def _strange(url: str, address: str) -> bool:
    return not url.startswith((address, "data:", "blob:"))


@pytest.fixture
def window(open_window: Callable[..., Visit], make_key: Callable[..., str]) -> Iterator[Visit]:
    """Log in with a key that may do everything; the test fails on any request elsewhere and any error."""
    visit = open_window()
    visit.log_in(make_key())
    yield visit
    assert visit.strangers == []
    assert visit.errors == []


def picture(visit: Visit, name: str, **more: Any) -> None:
    """Take the picture that the documentation shows, where it is asked for: PICTURES=1 pytest -m browser."""
    if os.environ.get("PICTURES"):
        visit.page.screenshot(path=PICTURES / f"console_{name}.png", **more)
