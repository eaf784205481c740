"""Serve the WSGI application over RSGI, granian's own interface: a body is read whole before its request is served.

Over WSGI a client that sends half a body and waits would hold a worker; here it holds a few hundred bytes. Requests
are served one at a time on the event loop's thread. Slow ones are served one at a time in a second thread, so that no
list waits for them: the console's pages, large bodies, and whatever a client asks for whose last answer took long.
"""

import asyncio
import io
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from dog.api.list_route import METHOD, PATH, Answer
from dog.api.request_guard import MAX_IMPORT_BYTES

BODY_SECONDS = 30.0
"""How long a body may take to arrive."""
STOPPING_BODY_SECONDS = 5.0
"""The same in a process that is being stopped."""
SWITCH_SECONDS = 0.0005
"""How long the second thread may compute while the first waits for it; Python's 5 ms would slow every list."""
SLOW_BYTES = 16_384
"""A body of more bytes, such as feedback of a hundred events, is served in the second thread."""
SLOW_SECONDS = 0.03
"""So is a client's next request, where its last one took longer."""
MAX_CLIENTS = 10_000
CLOSE = ("connection", "close")
FIXED_ENVIRON = {
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]
ListRoute = Callable[..., Answer | None]
"""`answer_list` of an application."""


def in_one_chunk(app: Wsgi) -> Wsgi:
    """Return the application with answers of one chunk, which a WSGI server sends without asking for a next one."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        return [_joined(app(environ, start_response))]

    return serve


class SlowClients:
    """The clients whose last request took long, by what they authenticate with."""

    def __init__(self) -> None:
        self._clients: set[str] = set()

    def __contains__(self, client: str) -> bool:
        """Return whether a client's last request took long."""
        return client in self._clients

    def record(self, client: str, seconds: float) -> None:
        """Record how long a client's request took; nobody is known by an empty name."""
        if seconds <= SLOW_SECONDS:
            self._clients.discard(client)
        elif client and len(self._clients) < MAX_CLIENTS:
            self._clients.add(client)


class BodyReads:
    """The bodies that are being read, each within BODY_SECONDS; one timer for all, as one for each takes too long."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._since: dict[asyncio.Future[bytes], float] = {}
        self._is_watched = False

    async def read(self, protocol: Any, headers: dict[str, str]) -> bytes | None:
        """Read a body; None if the client has gone, or was slow and has been answered."""
        length = headers.get("content-length", "" if "transfer-encoding" in headers else "0")
        if length == "0":
            return b""
        if length.isdecimal() and int(length) > MAX_IMPORT_BYTES:
            return b""  # unread: the request guard refuses it by its length
        reading = protocol() if length.isdecimal() else asyncio.ensure_future(_read_chunks(protocol))
        self._since[reading] = perf_counter()
        if not self._is_watched:
            self._watch()
        try:
            return bytes(await reading)
        except asyncio.CancelledError:
            protocol.response_str(408, [CLOSE], "the body did not arrive in time\n")
        except Exception as error:
            # granian is running, so this costs nothing here; `wsgi:app` needs no granian and does not import it
            from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined, unused-ignore]  # noqa: PLC0415

            if not isinstance(error, ProtocolClosed):
                raise
        finally:
            del self._since[reading]
        return None

    def _watch(self) -> None:
        late = perf_counter() - (STOPPING_BODY_SECONDS if self._stopping.is_set() else BODY_SECONDS)
        for reading in [reading for reading, since in self._since.items() if since < late]:
            reading.cancel()
        self._is_watched = bool(self._since)
        if self._is_watched:
            asyncio.get_running_loop().call_later(1.0, self._watch)


def as_rsgi(
    app: Wsgi, *, slow_paths: Sequence[str], answer_list: ListRoute, stopping: threading.Event
) -> Callable[[Any, Any], Any]:
    """Return the RSGI application of a WSGI application.

    Plain requests for lists are answered by `answer_list`. What is at or under `slow_paths` runs in the second thread.
    Once `stopping` is set, each answer closes its connection: the client sends its next request to another process.
    """
    under_slow = tuple(f"{path}/" for path in slow_paths)
    sys.setswitchinterval(SWITCH_SECONDS)
    thread, slow, reads = ThreadPoolExecutor(1, "slow requests"), SlowClients(), BodyReads(stopping)

    def timed(scope: Any, headers: dict[str, str], body: bytes, client: str) -> Answer:
        began = perf_counter()
        answer = None
        if scope.path == PATH and scope.method == METHOD:
            answer = answer_list(headers, body, query=scope.query_string, source=_host(scope.client))
        if answer is None:
            answer = _call(app, _environ(scope, headers, body))
        slow.record(client, perf_counter() - began)
        return answer

    async def serve(scope: Any, protocol: Any) -> None:
        headers = _headers(scope)
        if "host" not in headers and scope.authority is not None and scope.http_version == "2":
            headers["host"] = scope.authority
        body = await reads.read(protocol, headers)
        if body is None:
            return
        client = headers.get("authorization", "")
        if client in slow or len(body) > SLOW_BYTES or f"{scope.path}/".startswith(under_slow):
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(thread, timed, scope, headers, body, client)
        else:
            answer = timed(scope, headers, body, client)
        status, answered, content = answer
        protocol.response_bytes(status, [*answered, CLOSE] if stopping.is_set() else answered, content)

    return serve


def _host(address: str) -> str:
    return address.rpartition(":")[0]


def _headers(scope: Any) -> dict[str, str]:
    came = scope.headers.items()
    headers = dict(came)
    if len(headers) < len(came):
        for name in headers:
            separator = "; " if name == "cookie" else ","
            headers[name] = separator.join(value for each, value in came if each == name)
    return headers


async def _read_chunks(protocol: Any) -> bytes:
    chunks, size = [], 0
    async for chunk in protocol:
        chunks.append(bytes(chunk))
        size += len(chunk)
        if size > MAX_IMPORT_BYTES:
            break
    return b"".join(chunks)


def _environ(scope: Any, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    host, _, port = scope.server.rpartition(":")
    environ = {
        **FIXED_ENVIRON,
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # decoded by granian
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.0" if scope.http_version == "1" else f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": _host(scope.client),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
    }
    for name, value in headers.items():
        if "_" in name:
            continue  # X_Forwarded_For would pass for X-Forwarded-For
        variable = name.upper().replace("-", "_")
        environ[variable if variable in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{variable}"] = value
    if "HTTP_TRANSFER_ENCODING" in environ:  # a chunked body has no length of its own
        del environ["HTTP_TRANSFER_ENCODING"]
        environ.setdefault("CONTENT_LENGTH", str(len(body)))
    return environ


def _call(app: Wsgi, environ: dict[str, Any]) -> Answer:
    answered: list[Any] = []

    def start_response(status: str, headers: Headers, exc_info: object = None) -> None:
        del exc_info
        answered[:] = [int(status[:3]), headers]

    body = _joined(app(environ, start_response))
    status, headers = answered
    return status, headers, body


def _joined(content: Iterable[bytes]) -> bytes:
    try:
        return b"".join(content)
    finally:
        getattr(content, "close", lambda: None)()
