"""A page of the console may take long; no call of the API waits for it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, TypeVar

from dog.api.rsgi_adapter import as_rsgi

Result = TypeVar("Result")


class Told:
    """What a client is answered."""

    def __init__(self) -> None:
        self.status = 0

    def response_bytes(self, status: int, headers: object, content: bytes) -> None:
        """Take the answer."""
        del headers, content
        self.status = status


def run(waiting: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a thread of its own: a browser's test before leaves this one with a loop that runs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, waiting).result()


def asked(path: str) -> SimpleNamespace:
    about = {"server": "127.0.0.1:8000", "client": "127.0.0.1:9", "scheme": "http", "http_version": "1.1"}
    return SimpleNamespace(method="GET", path=path, query_string="", headers={"content-length": "0"}, **about)


def test_a_call_is_answered_while_a_page_is_being_made() -> None:
    called = threading.Event()
    finished = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/v1/jobs":
            called.set()
        else:
            assert called.wait(10)  # the page is not done before the call has been served
        finished.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b""]

    async def both() -> list[int]:
        serve, page, call = as_rsgi(app, slow_path="/console"), Told(), Told()
        await asyncio.gather(serve(asked("/console/rules"), page), serve(asked("/v1/jobs"), call))
        return [page.status, call.status]

    assert run(both()) == [200, 200]
    assert finished == ["/v1/jobs", "/console/rules"]


def test_pages_wait_for_each_other() -> None:
    inside, most = 0, 0
    lock = threading.Lock()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        threading.Event().wait(0.02)
        with lock:
            inside -= 1
        start_response("200 OK", [])
        return [b""]

    async def three() -> None:
        serve = as_rsgi(app, slow_path="/console")
        await asyncio.gather(*(serve(asked("/console"), Told()) for _ in range(3)))

    run(three())

    assert most == 1
