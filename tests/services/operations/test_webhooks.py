"""Webhooks: signed, told once each in order, tried again a bounded number of times, never into this network unasked."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import orjson
import pytest

from dog.errors import InvalidInput
from dog.services.operations.doctor import check_webhook
from dog.services.operations.webhook_client import _is_public, resolve_address, sign_message
from dog.services.operations.webhooks import MAX_ATTEMPTS, deliver_webhooks, set_webhook
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.job_log import Job, put_job
from dog.storage.store import Store
from dog.storage.webhook_config import read_webhook, write_webhook
from tests.conftest import Clock


class Receiver(HTTPServer):
    """Keeps what it is told, and answers with a chosen status."""

    status = 204

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.told: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?a=1"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(server.status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _later(store: Store, clock: Clock) -> None:
    """Go beyond the instants of the policies' files, which are the machine's."""
    clock.set("2035-01-01")


def told(runtime: Runtime, clock: Clock) -> int:
    clock.now_ms += 3_000
    return deliver_webhooks(runtime, "default")


def finish_job(store: Store, number: int, at_ms: int, state: str = "done") -> None:
    put_job(store, Job(job_id=f"job_{number}", name="train", state=state, created_at_ms=at_ms, finished_at_ms=at_ms))


def test_what_ends_after_the_address_is_set_is_told_once_signed_and_in_order(
    runtime: Runtime, store: Store, clock: Clock, receiver: Receiver
) -> None:
    finish_job(store, 0, clock.now_ms - 1)
    secret = set_webhook(runtime, "default", receiver.url, allow_private=True)
    finish_job(store, 2, clock.now_ms + 2)
    finish_job(store, 1, clock.now_ms + 1, "failed")

    assert told(runtime, clock) == 2
    assert told(runtime, clock) == 0
    assert [orjson.loads(body)["data"]["job_id"] for _, body in receiver.told] == ["job_1", "job_2"]
    for headers, body in receiver.told:
        expected = sign_message(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
        assert headers["webhook-signature"] == expected
    assert len({headers["webhook-id"] for headers, _ in receiver.told}) == 2


def test_a_recompute_that_ends_is_told(runtime: Runtime, store: Store, clock: Clock, receiver: Receiver) -> None:
    set_webhook(runtime, "default", receiver.url, allow_private=True)
    clock.now_ms += 1
    run_recompute(runtime, "default", dry_run=True)

    assert told(runtime, clock) == 1
    assert orjson.loads(receiver.told[0][1])["type"] == "job.finished"
    assert orjson.loads(receiver.told[0][1])["data"]["name"] == "recompute"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hook\r\nX-Injected: 1",
        "https://127.0.0.1/hook\n",
        "\thttps://127.0.0.1/hook",
        "https://127.0.0.1/a b",
        "https://127.0.0.1/a\x00b",
        "https://127.0.0.1/a\x1b[2Jb",
        "https://127.0.0.1/\u2028",
        "https://user:secret@127.0.0.1/",
        "https://:secret@127.0.0.1/",
        "https://@127.0.0.1/",
        "https://127.0.0.1/" + "a" * 2048,
    ],
)
def test_a_url_that_is_none_or_has_a_password_is_refused(runtime: Runtime, store: Store, url: str) -> None:
    with pytest.raises(InvalidInput, match="a webhook's URL") as caught:
        set_webhook(runtime, "default", url, allow_private=True)

    assert read_webhook(store) is None
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("status", [500, 404, 302])
def test_what_is_refused_is_sent_again_with_its_id_and_given_up_after_eight_attempts(
    runtime: Runtime, store: Store, clock: Clock, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    set_webhook(runtime, "default", receiver.url, allow_private=True)
    finish_job(store, 1, clock.now_ms + 1)
    for _ in range(3 * MAX_ATTEMPTS):
        deliver_webhooks(runtime, "default")
        deliver_webhooks(runtime, "default")  # not yet: it waits
        clock.now_ms += 3_600_000
    kept = read_webhook(store)

    assert len(receiver.told) == MAX_ATTEMPTS
    assert len({headers["webhook-id"] for headers, _ in receiver.told}) == 1
    assert kept is not None
    assert (kept.given_up, kept.attempts) == (1, 0)
    assert str(status) in kept.last_error


def test_a_receiver_that_is_away_gets_all_when_it_is_back(
    runtime: Runtime, store: Store, clock: Clock, receiver: Receiver
) -> None:
    set_webhook(runtime, "default", receiver.url, allow_private=True)
    finish_job(store, 1, clock.now_ms + 1)
    finish_job(store, 2, clock.now_ms + 2)
    receiver.status = 503

    assert told(runtime, clock) == 0
    receiver.status = 200
    clock.now_ms += 10_000
    assert told(runtime, clock) == 2


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1%25eth0]/",
        "https://user:pw@8.8.8.8/",
        "http://8.8.8.8/",
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "https://8.8.8.8:99999/",
        "nonsense",
    ],
)
def test_an_address_that_leads_inside_is_refused(runtime: Runtime, store: Store, url: str) -> None:
    with pytest.raises(InvalidInput):
        set_webhook(runtime, "default", url)

    assert read_webhook(store) is None


def test_a_public_address_is_taken() -> None:
    assert resolve_address("https://8.8.8.8/hook", allow_private=False) == ("8.8.8.8", 443, "8.8.8.8")
    assert _is_public("2001:4860:4860::8888")


def test_a_name_that_moves_inside_later_is_not_followed(
    runtime: Runtime, store: Store, clock: Clock, receiver: Receiver
) -> None:
    set_webhook(runtime, "default", "https://8.8.8.8/")
    kept = read_webhook(store)
    assert kept is not None
    write_webhook(store, replace(kept, url=receiver.url.replace("http:", "https:")))
    finish_job(store, 1, clock.now_ms + 1)

    assert told(runtime, clock) == 0
    assert receiver.told == []
    assert "private network" in str(read_webhook(store))


def test_doctor_tells_what_arrives_what_fails_what_waits_and_what_mends_it(
    runtime: Runtime, store: Store, clock: Clock, receiver: Receiver
) -> None:
    def state() -> tuple[str, bool, str | None]:
        [found] = check_webhook(runtime, store)
        return found.says, found.ok, found.fix

    assert list(check_webhook(runtime, store)) == []
    set_webhook(runtime, "default", receiver.url, allow_private=True)
    assert state() == ("127.0.0.1: nothing delivered yet, 0 waiting", True, None)

    finish_job(store, 1, clock.now_ms + 1)
    clock.now_ms += 600_000
    assert state() == (
        "127.0.0.1: nothing delivered yet, 1 waiting",
        False,
        "nothing delivers them: run dog jobs scheduler",
    )

    receiver.status = 500
    deliver_webhooks(runtime, "default")
    says, ok, fix = state()
    assert says.startswith("127.0.0.1: nothing delivered yet, 1 waiting; the last attempt failed: ")
    assert says.endswith("; attempt 2 of 8 at 2035-01-01T00:10:05+00:00")
    assert not ok
    assert fix is not None
    assert "webhooks set URL" in fix

    receiver.status = 204
    assert told(runtime, clock) == 0
    clock.now_ms += 10_000
    assert told(runtime, clock) == 1
    assert state() == ("127.0.0.1: last delivery 2035-01-01T00:10:16+00:00, 0 waiting", True, None)
