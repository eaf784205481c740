"""A page of the console may take long; no call of the API waits for it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from dog.api.list_route import PATH, Answer
from dog.api.rsgi_adapter import SLOW_BYTES, SLOW_SECONDS, as_rsgi

Result = TypeVar("Result")


class Told:
    """What a client is answered."""

    def __init__(self) -> None:
        self.status = 0
        self.content: bytes | str = b""
        self.headers: list[tuple[str, str]] = []

    def response_bytes(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        """Take the answer."""
        self.status, self.headers, self.content = status, headers, content

    def response_str(self, status: int, headers: object, content: str) -> None:
        """Take a short answer."""
        del headers
        self.status, self.content = status, content


def run(waiting: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a thread of its own: a browser's test before leaves this one with a loop that runs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, waiting).result()


def to_flask(*_: object, **__: object) -> None:
    """Leave every request to the WSGI application."""


def asked(path: str) -> SimpleNamespace:
    about = {"server": "127.0.0.1:8000", "client": "127.0.0.1:9", "scheme": "http", "http_version": "1.1"}
    headers = {"content-length": "0"}
    return SimpleNamespace(method="GET", path=path, query_string="", headers=headers, authority=None, **about)


def environ_of(request: SimpleNamespace) -> dict[str, Any]:
    """Return the WSGI environment that an application gets for a request."""
    environs: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environs.append(environ)
        start_response("200 OK", [])
        return [b""]

    run(as_rsgi(app, slow_paths=[], answer_list=to_flask, stopping=threading.Event())(request, Told()))
    return environs[0]


def test_a_call_is_answered_while_a_page_is_being_made() -> None:
    called = threading.Event()
    finished = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/v1/jobs":
            called.set()
        else:
            assert called.wait(60)  # the page is not done before the call has been served
        finished.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b""]

    async def both() -> list[int]:
        serve, page, call = (
            as_rsgi(app, slow_paths=["/console"], stopping=threading.Event(), answer_list=to_flask),
            Told(),
            Told(),
        )
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
        serve = as_rsgi(app, slow_paths=["/console"], stopping=threading.Event(), answer_list=to_flask)
        await asyncio.gather(*(serve(asked("/console"), Told()) for _ in range(3)))

    run(three())

    assert most == 1


def with_body(size: int, client: str) -> tuple[SimpleNamespace, bytes]:
    request = asked("/v1/feedback")
    request.headers = {"content-length": str(size), "authorization": client}
    return request, b"x" * size


class Sends(Told):
    """A client that sends a body."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self._body = body

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the body in one piece."""

        async def pieces() -> AsyncIterator[bytes]:
            yield self._body

        return pieces()

    def __call__(self) -> asyncio.Future[bytes]:
        reading: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        reading.set_result(self._body)
        return reading


def threads_of(requests: list[tuple[SimpleNamespace, bytes]], slow: set[str]) -> list[bool]:
    """Serve requests one after the other; return of each whether the second thread served it."""
    found: list[bool] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        found.append(threading.current_thread().name.startswith("slow requests"))
        if environ.get("HTTP_AUTHORIZATION") in slow:
            threading.Event().wait(SLOW_SECONDS * 1.5)
        start_response("200 OK", [])
        return [b""]

    async def serve_all() -> None:
        serve = as_rsgi(app, slow_paths=["/console"], stopping=threading.Event(), answer_list=to_flask)
        for request, body in requests:
            await serve(request, Sends(body))

    run(serve_all())
    return found


def test_large_bodies_are_served_in_the_second_thread() -> None:
    assert threads_of([with_body(100, "a"), with_body(SLOW_BYTES + 1, "a"), with_body(100, "b")], set()) == [
        False,
        True,
        False,
    ]


def test_a_client_whose_last_request_took_long_waits_in_the_second_thread() -> None:
    requests = [with_body(10, client) for client in ("Bearer slow", "Bearer slow", "Bearer quick")]

    assert threads_of(requests, {"Bearer slow"}) == [False, True, False]
    assert threads_of([with_body(10, ""), with_body(10, "")], {""}) == [False, False]


def refuse(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    raise AssertionError("a list needs no WSGI application")


def test_a_list_is_answered_without_the_wsgi_application_and_repeated_headers_are_joined() -> None:
    found: list[Any] = []

    def answer_list(headers: dict[str, str], body: bytes, **more: str) -> Answer:
        found.extend([headers["authorization"], body, more])
        return 200, [], b"a list"

    class Repeated(dict[str, str]):
        def items(self) -> Any:
            return [*super().items(), ("authorization", "Bearer b")]

    async def serve(client: Sends) -> None:
        request = asked(PATH)
        request.method = "POST"
        request.headers = Repeated({"content-length": "2", "authorization": "Bearer a", "x-request-id": "r"})
        await as_rsgi(refuse, slow_paths=["/console"], stopping=threading.Event(), answer_list=answer_list)(
            request, client
        )

    client = Sends(b"{}")
    run(serve(client))

    assert (client.status, client.content) == (200, b"a list")
    assert found == ["Bearer a,Bearer b", b"{}", {"query": "", "source": "127.0.0.1"}]


class Stalls(Told):
    """A client that never sends its body."""

    def __call__(self) -> asyncio.Future[bytes]:
        return asyncio.get_running_loop().create_future()


def test_a_body_that_does_not_come_is_answered_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dog.api.rsgi_adapter.BODY_SECONDS", 0.1)

    async def serve_both() -> tuple[int, int]:
        serve = as_rsgi(
            lambda *_: [b""],
            slow_paths=["/console"],
            stopping=threading.Event(),
            answer_list=lambda *_, **__: (200, [], b""),
        )
        request = asked(PATH)
        request.method, request.headers = "POST", {"content-length": "2"}
        stalls, sends = Stalls(), Sends(b"{}")
        waiting = asyncio.ensure_future(serve(request, stalls))
        await serve(request, sends)
        await waiting
        return stalls.status, sends.status

    assert run(serve_both()) == (408, 200)


def test_a_process_that_stops_closes_each_connection_with_its_answer() -> None:
    kept = [("content-type", "text/plain")]
    stopping = threading.Event()
    lists = {"slow_paths": ["/console"], "answer_list": lambda *_, **__: (200, kept, b"")}
    serve = as_rsgi(lambda *_: [b""], stopping=stopping, **lists)  # type: ignore[arg-type]
    request = asked(PATH)
    request.method = "POST"

    async def before_and_after() -> list[list[tuple[str, str]]]:
        before, after = Told(), Told()
        await serve(request, before)
        stopping.set()
        await serve(request, after)
        return [before.headers, after.headers]

    assert run(before_and_after()) == [kept, [*kept, ("connection", "close")]]
    assert kept == [("content-type", "text/plain")]


@pytest.mark.parametrize(
    ("version", "authority", "headers", "protocol", "host"),
    [
        ("1", None, {}, "HTTP/1.0", None),
        ("1.1", None, {"host": "a"}, "HTTP/1.1", "a"),
        ("1.1", "b", {}, "HTTP/1.1", None),
        ("2", "b:1", {}, "HTTP/2", "b:1"),
    ],
)
def test_protocol_and_host_are_those_of_the_request(
    version: str, authority: str | None, headers: dict[str, str], protocol: str, host: str | None
) -> None:
    request = asked("/health/live")
    request.http_version, request.authority, request.headers = version, authority, headers
    environ = environ_of(request)

    assert (environ["SERVER_PROTOCOL"], environ.get("HTTP_HOST")) == (protocol, host)


def test_a_header_with_an_underscore_does_not_pass_for_another() -> None:
    request = asked("/health/live")
    request.headers = {"x-forwarded-for": "1.2.3.4", "x_forwarded_for": "5.6.7.8"}

    assert environ_of(request)["HTTP_X_FORWARDED_FOR"] == "1.2.3.4"
