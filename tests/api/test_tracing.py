"""Traces: one span a request at the collector, under the request's id; none where nobody asked."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from dog.api.app import create_app
from dog.api.tracing import trace_requests
from dog.services.runtime import Runtime


class Collector(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    received: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        """Take a batch of spans."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, body))  # type: ignore[attr-defined]  # the fixture's
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[HTTPServer]:
    """Run a collector."""
    server = HTTPServer(("127.0.0.1", 0), Collector)
    server.received = []  # type: ignore[attr-defined]  # read by the handler
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_request_is_a_span_under_its_own_id(
    runtime: Runtime, collector: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "dog-of-mine")
    app = trace_requests(
        create_app(runtime), {"OTEL_EXPORTER_OTLP_ENDPOINT": "set", "OTEL_SERVICE_NAME": "dog-of-mine"}
    )
    app.test_client().get("/v1/jobs", headers={"X-Request-Id": "night-call-7"})
    app.test_client().post("/v1/recommendations", json={"contact_id": "c1"}, headers={"X-Request-Id": "a-list-of-mine"})
    app.test_client().get("/health/live")
    app.extensions["tracer_provider"].shutdown()
    received = collector.received  # type: ignore[attr-defined]  # the fixture's
    spans = b"".join(body for _, body in received)

    assert {path for path, _ in received} == {"/v1/traces"}
    assert b"night-call-7" in spans
    assert b"/v1/jobs" in spans
    assert b"a-list-of-mine" in spans
    assert b"dog-of-mine" in spans
    assert b"/health/live" not in spans


@pytest.mark.parametrize(
    "environ", [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_SDK_DISABLED": "true"}]
)
def test_nothing_is_traced_where_nobody_asked(runtime: Runtime, environ: dict[str, str]) -> None:
    assert "tracer_provider" not in trace_requests(create_app(runtime), environ).extensions
