"""OpenTelemetry traces, if its standard variables ask for them and its packages are installed."""

import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from flask import Flask

from dog import __version__
from dog.extras import install_extra
from dog.log import log

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
UNTRACED = "health/.*,metrics"
HOW_TO_INSTALL = f"{install_extra('otel')}, then start the service again"


def trace_requests(app: Flask, environ: Mapping[str, str] = os.environ) -> Flask:
    """Send a span for each request to the collector named in the environment, if one is named.

    OpenTelemetry reads its other variables, such as `OTEL_TRACES_SAMPLER`, itself.
    """
    if not any(environ.get(name) for name in ENDPOINTS) or environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return app
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.instrumentation.flask") is None:
        log.warning("tracing_not_installed", fix=HOW_TO_INSTALL)
        return app
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # optional
    from opentelemetry.instrumentation.flask import FlaskInstrumentor  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    name = environ.get("OTEL_SERVICE_NAME", "dog")
    provider = TracerProvider(resource=Resource.create({"service.name": name, "service.version": __version__}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    FlaskInstrumentor().instrument_app(app, tracer_provider=provider, response_hook=_name, excluded_urls=UNTRACED)
    hooks = app.before_request_funcs[None]
    hooks.insert(0, hooks.pop())  # before the request guard: a refused request has a span too
    app.extensions["tracer_provider"] = provider
    return app


def _name(span: Any, status: str, headers: Sequence[tuple[str, str]]) -> None:
    """Set the span's request id, the one in the log."""
    del status
    if span is not None and span.is_recording():
        span.set_attribute("dog.request_id", dict(headers).get("X-Request-Id", ""))
