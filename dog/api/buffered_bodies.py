"""The service for granian's own interface: bodies are read whole, however slowly they come, before a request is served.

Over WSGI a client that sends half a body and waits would hold a worker; here it holds a few hundred bytes. Requests
are served one at a time on the event loop's thread, which is what a worker with one blocking thread does anyway. What
may take long, the console's pages, is served one at a time in a thread beside it, so that no list waits for a page.
"""

import asyncio
import io
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dog.api.request_guard import MAX_IMPORT_BYTES

BODY_SECONDS = 30.0
"""How long a body may take to come."""
SWITCH_SECONDS = 0.0005
"""How long the thread beside may compute while the event loop's waits; Python's own 5 ms would be felt in each list."""

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]


def in_one_piece(app: Wsgi) -> Wsgi:
    """Answer a WSGI server with one piece: it sends that at once, where it would ask for a next one in turns."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        return [_whole(app(environ, start_response))]

    return serve


def buffered(app: Wsgi, beside: str) -> Callable[[Any, Any], Any]:
    """Serve a WSGI application over RSGI.

    Parameters
    ----------
    app
        The application.
    beside
        First part of the paths, such as `/console`, that are served in the thread beside.

    """
    sys.setswitchinterval(SWITCH_SECONDS)
    thread = ThreadPoolExecutor(1, "beside")

    async def serve(scope: Any, protocol: Any) -> None:
        headers: dict[str, str] = {}
        for name, value in scope.headers.items():
            between = "; " if name == "cookie" else ","
            headers[name] = f"{headers[name]}{between}{value}" if name in headers else value
        length = headers.get("content-length", "0" if "transfer-encoding" not in headers else "")
        body = b""
        if length != "0":
            # granian, which calls us, has it by now; `wsgi:app` does without it, and starts without reading it
            from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined, unused-ignore]  # noqa: PLC0415

            try:
                body = await asyncio.wait_for(_read(protocol, length), BODY_SECONDS)
            except TimeoutError:
                protocol.response_str(408, [("connection", "close")], "the body did not come in time\n")
                return
            except ProtocolClosed:
                return  # the client has gone
        environ = _environ(scope, headers, body, length)
        if f"{scope.path}/".startswith(f"{beside}/"):
            status, answered, content = await asyncio.get_running_loop().run_in_executor(thread, _call, app, environ)
        else:
            status, answered, content = _call(app, environ)
        protocol.response_bytes(status, answered, content)

    return serve


async def _read(protocol: Any, length: str) -> bytes:
    """Read a body; nothing of one that says it is larger than any is taken: the door refuses it by its length."""
    if length.isdigit():
        return bytes(await protocol()) if int(length) <= MAX_IMPORT_BYTES else b""
    chunks, size = [], 0
    async for chunk in protocol:
        chunks.append(bytes(chunk))
        size += len(chunk)
        if size > MAX_IMPORT_BYTES:
            break
    return b"".join(chunks)


def _environ(scope: Any, headers: dict[str, str], body: bytes, length: str) -> dict[str, Any]:
    host, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # decoded by granian
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        shown = name.upper().replace("-", "_")
        environ[shown if shown in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{shown}"] = value
    environ["CONTENT_LENGTH"] = length or str(len(body))  # where it came in chunks
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return environ


def _call(app: Wsgi, environ: dict[str, Any]) -> tuple[int, Headers, bytes]:
    answered: list[Any] = []

    def start_response(status: str, headers: Headers, exc_info: object = None) -> None:
        del exc_info
        answered[:] = [int(status[:3]), headers]

    body = _whole(app(environ, start_response))
    return answered[0], [(name.lower(), value) for name, value in answered[1]], body


def _whole(content: Iterable[bytes]) -> bytes:
    try:
        return b"".join(content)
    finally:
        getattr(content, "close", lambda: None)()
