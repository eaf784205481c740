"""The inbox in a browser: no answer of a rep is lost or counted twice while the service fails."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import orjson
import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from dog.api.app import create_app
from dog.console.mount import mount_console
from dog.services.data.import_rows import import_rows
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.conftest import Visit

pytestmark = pytest.mark.browser
CONTACTS, PRODUCTS = 6, 12
SLOW_SECONDS = 3.0


@dataclass
class Service:
    """The service on a port of its own, which can be away, slow, or lose its answers."""

    runtime: Runtime
    port: int = 0
    delay_seconds: float = 0.0
    loses_answers: bool = False
    cut: str = ""
    """The path whose answers end in the middle."""
    posted: list[tuple[str, str]] = field(default_factory=list)
    """Path and id of each action that came, as often as it came."""
    server: BaseWSGIServer | None = None

    @property
    def address(self) -> str:
        """Return where it is, or was."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, on the same port as before."""
        self.server = make_server("127.0.0.1", self.port, self.answer, threaded=True)
        self.port = self.server.server_port
        self.app = mount_console(create_app(self.runtime), self.runtime)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Refuse connections."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request as one of the service, after a delay, or not at all."""
        time.sleep(self.delay_seconds)
        path = environ["PATH_INFO"].removeprefix("/console/inbox/")
        if path in ("event", "decision", "retract"):
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = BytesIO(body)
            action = orjson.loads(body)
            self.posted.append((path, action.get("event", action).get("event_id") or action["decision_id"]))
        answered = self.app(environ, start_response)
        if path == self.cut:
            answered = self.half(environ, b"".join(answered))
        if self.loses_answers:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return answered

    def half(self, environ: dict[str, Any], body: bytes) -> Iterator[bytes]:
        """Yield half of an answer, and close the connection; the next one of the path is whole."""
        self.cut = ""
        yield body[: len(body) // 2]
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


@pytest.fixture
def service(runtime: Runtime, shop: Store) -> Iterator[Service]:
    """Serve a shop with more to do: six contacts, twelve products."""
    zone = runtime.settings.zone
    products = [{"product_id": f"p{n}", "name": f"Product {n}", "category": "office"} for n in range(7, PRODUCTS + 1)]
    contacts = [{"contact_id": f"c{n}", "name": f"Contact {n}"} for n in range(4, CONTACTS + 1)]
    scores = [
        {"contact_id": f"c{c}", "product_id": f"p{p}", "model": model, "score": 0.7 - p / 20, "as_of": "2026-11-01"}
        for c in range(1, CONTACTS + 1)
        for p in range(1, PRODUCTS + 1)
        for model in ("frequency", "cf")
    ]
    for kind, rows in (("products", products), ("contacts", contacts), ("scores", scores)):
        import_rows(shop, kind, rows, zone)
    service = Service(runtime)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def address(service: Service) -> str:
    """Say where the windows find it."""
    return service.address


@pytest.fixture
def page(open_window: Callable[..., Visit], make_key: Callable[..., str], service: Service) -> Page:
    """Open the inbox with its first contact and three more at hand."""
    visit = open_window()
    with visit.page.expect_response(
        lambda answer: "/inbox/next" in answer.url and (answer.request.post_data or "").count("-") > 9
    ):
        visit.log_in(make_key("feedback"))
    expect(visit.page.locator("article.option:focus")).to_have_count(1)
    expect_waiting(visit.page, 0)
    return visit.page


def logged(store: Store) -> list[tuple[str, int, str, str]]:
    """Read the events of all contacts by their time: id, type, contact, product; retracted ones are left out."""
    found: list[tuple[int, str, int, str, str]] = []
    for number in range(1, CONTACTS + 1):
        contact = store.tenant.contact(f"c{number}")
        for entry in store.execute("HVALS", store.tenant.partition(contact).contact("log", contact)):
            event_id, kind, at, product, _ = orjson.loads(entry)
            found.append((at, event_id, kind, f"c{number}", product))
    return [(event_id, kind, contact, product) for _, event_id, kind, contact, product in sorted(found) if kind]


def act(page: Page, keys: str) -> tuple[str, str]:
    """Press keys on the card that has the focus; return its contact and product."""
    held = page.evaluate(
        "[document.querySelector('.contact-list').dataset.contact, document.activeElement.dataset.product]"
    )
    for key in keys:
        page.keyboard.press(key)
    return held[0], held[1]


def expect_waiting(page: Page, count: int) -> None:
    """Wait until a page says how many answers wait."""
    expect(page.locator("#outbox")).to_have_attribute("data-waiting", str(count))


def wait_for_actions(page: Page, service: Service) -> None:
    """Wait until the service is sent something."""
    before = len(service.posted)
    while len(service.posted) == before:
        page.wait_for_timeout(50)


def test_forty_answers_count_once_each_in_order_while_the_service_stops_is_slow_loses_answers_and_is_cut_off(
    page: Page, service: Service, runtime: Runtime, shop: Store
) -> None:
    given, verdicts, away = [], ("a", "d1", "a", "d4"), page.locator("#outbox.warns")
    for number in range(40):
        if number == 5:
            service.stop()
        elif number == 12:
            expect(away).to_contain_text("The service does not answer.")
            service.delay_seconds = SLOW_SECONDS
            service.start()
            wait_for_actions(page, service)
        elif number == 18:
            service.delay_seconds, service.loses_answers = 0.0, True
            wait_for_actions(page, service)
            expect(away).to_contain_text("The service does not answer.")
        elif number == 25:
            service.loses_answers = False
            page.context.set_offline(True)
            expect(away).to_contain_text("You are offline.")
        elif number == 33:
            page.context.set_offline(False)
        if number and number % 10 == 0:
            page.keyboard.press("n")
            expect(page.locator("article.option:focus")).to_have_count(1)
        given.append(act(page, verdicts[number % 4]))
    expect_waiting(page, 0)
    kept = logged(shop)
    events = [event_id for path, event_id in service.posted if path == "event"]
    first_seen = list(dict.fromkeys(service.posted))

    assert [(contact, product) for _, _, contact, product in kept] == given
    assert list(dict.fromkeys(events)) == [event_id for event_id, *_ in kept]
    assert len(events) > len(set(events))  # some came twice
    assert [path for path, _ in first_seen].count("decision") == 4
    assert first_seen[0][0] == "decision"
    assert len({contact for contact, _ in given}) == 4


def test_what_waits_is_shown_kept_over_a_reload_and_sent_later(page: Page, shop: Store) -> None:
    page.route("**/inbox/event", lambda route: route.abort())
    given = [act(page, "a") for _ in range(3)]
    name = page.inner_text("h1")
    expect(page.locator("#outbox")).to_contain_text("The service does not answer. 3 answers kept in this browser")
    page.reload()
    expect(page.locator("#outbox")).to_contain_text("3 answers")
    page.keyboard.press("/")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(name)
    todo = page.locator(".todo article").evaluate_all("all => all.map(one => one.dataset.product)")
    page.unroute("**/inbox/event")
    page.click("text=Try now")
    expect_waiting(page, 0)

    kept = logged(shop)
    page.get_by_role("button", name="Undo: Accepted").first.click()
    expect(page.locator(".todo article:visible")).to_have_count(2)
    expect_waiting(page, 0)

    assert todo == [product for _, product in given]
    assert [(contact, product) for _, _, contact, product in kept] == given
    assert len(logged(shop)) == 2


def shown_in(page: Page) -> set[str]:
    """Go through the next two contacts of a tab, and return their names."""
    names = set()
    for _ in range(2):
        before = page.inner_text("h1")
        page.keyboard.press("n")
        expect(page.locator("h1")).not_to_have_text(before)
        expect(page.locator("article.option:focus")).to_have_count(1)
        names.add(page.inner_text("h1"))
    return names


def test_two_tabs_show_the_same_count_and_send_each_answer_once(page: Page, service: Service, shop: Store) -> None:
    other = page.context.new_page()
    other.goto(f"{service.address}/console/")
    expect(other.locator("article.option:focus")).to_have_count(1)
    page.context.route("**/inbox/event", lambda route: route.abort())
    for tab in (page, other, page):
        tab.bring_to_front()
        act(tab, "a")
    expect_waiting(page, 3)
    expect_waiting(other, 3)
    page.context.unroute("**/inbox/event")
    other.dispatch_event("text=Try now", "click")  # it may just have been tried again by itself
    expect_waiting(page, 0)
    expect_waiting(other, 0)
    expect(page.locator("#done li")).to_have_count(3)
    expect(other.locator("#done li")).to_have_count(3)

    assert len(logged(shop)) == 3
    assert len([event_id for path, event_id in service.posted if path == "event"]) == 3
    assert page.inner_text("h1") != other.inner_text("h1")
    assert shown_in(page).isdisjoint(shown_in(other))


def test_an_expired_session_is_renewed_over_the_page_and_the_answer_counts(
    page: Page, make_key: Callable[..., str], shop: Store
) -> None:
    page.context.clear_cookies()
    given = act(page, "a")
    expect(page.locator("#key-again")).to_be_focused()
    page.keyboard.type(make_key("feedback"))
    page.keyboard.press("Enter")
    expect_waiting(page, 0)

    assert [(contact, product) for _, _, contact, product in logged(shop)] == [given]


def test_anything_of_today_is_undone_after_the_next_contact_after_a_reload_and_before_it_is_sent(
    page: Page, service: Service, shop: Store
) -> None:
    act(page, "a")
    act(page, "a")
    page.keyboard.press("n")
    page.keyboard.press("u")
    expect(page.locator("#done li")).to_have_count(1)
    page.reload()
    page.get_by_role("button", name="Undo: Accepted").click()
    expect(page.locator("#done li")).to_have_count(0)
    expect(page.locator("article.option:focus")).to_have_count(1)  # the reloaded page has its contact
    expect_waiting(page, 0)
    undone, before = logged(shop), len(service.posted)
    page.context.set_offline(True)
    sent = act(page, "a")
    expect(page.locator("#outbox.warns")).to_contain_text("1 answer kept in this browser")
    act(page, "a")
    page.keyboard.press("u")
    page.context.set_offline(False)
    expect_waiting(page, 0)

    assert undone == []
    assert [(contact, product) for _, _, contact, product in logged(shop)] == [sent]
    assert [path for path, _ in dict.fromkeys(service.posted[before:])] == ["event"]


def test_a_contact_that_is_snoozed_gives_way_to_the_next_and_comes_back_by_undo(page: Page, service: Service) -> None:
    name = page.inner_text("h1")
    page.keyboard.press("z")
    page.locator("#snooze").get_by_label("the whole contact").check()
    page.keyboard.press("1")
    expect(page.locator("h1")).not_to_have_text(name)
    expect(page.locator("#said")).to_contain_text(f"{name} comes back on 21 Nov")
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text(f"{name} is back")
    expect_waiting(page, 0)


def test_what_was_accepted_is_pitched_and_won_with_its_value_by_touch_at_360_pixels(
    open_window: Callable[..., Visit], make_key: Callable[..., str], shop: Store
) -> None:
    visit = open_window(360, 760)
    visit.log_in(make_key("feedback"))
    page = visit.page
    page.get_by_role("button", name="Accept").first.click()
    wide = page.evaluate("document.documentElement.scrollWidth")
    todo = page.locator(".todo article")
    todo.get_by_role("button", name="Pitched").click()
    todo.get_by_label("Note for the outcome").fill("after the second call")
    todo.get_by_role("button", name="Won").first.click()
    page.keyboard.type("120,5")
    page.keyboard.press("Enter")
    expect(todo).to_have_count(0)
    expect_waiting(page, 0)
    visit.go("/?contact=c1")
    expect(page.locator("#contact")).to_contain_text("after the second call")

    assert wide == 360
    assert [kind for _, kind, *_ in logged(shop)] == [1, 4, 5]
    assert visit.errors == []


def test_an_answer_that_ends_in_the_middle_is_asked_for_again_or_said(page: Page, service: Service) -> None:
    act(page, "a")
    expect_waiting(page, 0)
    service.cut = "today"
    page.reload()
    expect(page.locator("#done li")).to_have_count(1)
    service.cut = "contact"
    page.keyboard.press("/")
    page.keyboard.type("c6")
    expect(page.locator("#found")).to_contain_text("Contact 6")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("The service cannot be reached.")

    assert service.cut == ""


def test_an_empty_answer_is_not_the_end_of_the_queue(page: Page) -> None:
    page.route("**/inbox/next", lambda route: route.fulfill(status=200, body=""))
    for _ in range(4):
        page.keyboard.press("n")
    expect(page.locator("#contact")).to_contain_text("The next contact is on its way.")
    page.wait_for_timeout(300)
    expect(page.locator("#contact")).to_contain_text("The next contact is on its way.")
    page.unroute("**/inbox/next")

    expect(page.locator("article.option:focus")).to_have_count(1)
