"""What the console adds to its responses: gzip and caching of assets, security headers, errors as plain text."""

import gzip
from collections.abc import Sequence

from dash.exceptions import DependencyException
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, NotFound

from dog.console.session import ASSET_PATHS
from dog.log import log

MIN_GZIP_BYTES = 1000
ONE_YEAR = "max-age=31536000, immutable"


def register_asset_compression(app: Flask) -> None:
    """Compress each asset once and keep it; let browsers cache those whose URL carries their version."""
    compressed: dict[str, bytes] = {}

    @app.after_request
    def compress(answer: Response) -> Response:
        if not request.path.startswith(ASSET_PATHS) or answer.status_code != 200:
            return answer
        if "m" in request.args:
            answer.headers["Cache-Control"] = ONE_YEAR
        answer.vary.add("Accept-Encoding")
        if request.method != "GET" or request.accept_encodings["gzip"] <= 0:
            return answer
        answer.direct_passthrough = False
        plain, tag = answer.get_data(), answer.get_etag()[0] or ""
        if len(plain) < MIN_GZIP_BYTES:
            return answer
        at = f"{request.path} {tag}"
        if at not in compressed:
            compressed[at] = gzip.compress(plain)
        answer.set_data(compressed[at])
        answer.content_encoding = "gzip"
        if tag:
            answer.set_etag(tag, weak=True)
        return answer


def register_errors(app: Flask) -> None:
    """Answer paths out of the console and files that it does not have with 404, all errors in one line of text."""

    @app.before_request
    def check_path() -> None:
        if not request.path.isprintable() or "\\" in request.path or ".." in request.path.split("/"):
            raise NotFound

    @app.errorhandler(DependencyException)
    def no_such_file(_: DependencyException) -> Response:
        return Response("There is no such file.\n", 404, mimetype="text/plain")

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        return Response(f"{error.name}.\n", error.code, mimetype="text/plain")

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.error("console_error", error=error)
        return Response("Something went wrong here; it is in the service's log.\n", 500, mimetype="text/plain")


def register_security_headers(app: Flask, script_hashes: Sequence[str]) -> None:
    """Send security headers with every response; `script_hashes` are the CSP sources of Dash's inline scripts."""
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {' '.join(script_hashes)}".strip(),
            "style-src 'self' 'unsafe-inline'",  # Mantine, the grid and plots set styles on elements
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )

    @app.after_request
    def add_headers(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = policy
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if not request.path.startswith(ASSET_PATHS):
            answer.headers["Cache-Control"] = "no-store"
        return answer
