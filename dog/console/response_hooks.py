"""Checks of paths and security headers of the console."""

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from dog.console.session import ASSET_PATHS

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def refuse_odd_paths(app: Flask) -> None:
    """Answer paths that lead out of the console with 404."""

    @app.before_request
    def check_path() -> None:
        if not request.path.isprintable() or "\\" in request.path or ".." in request.path.split("/"):
            raise NotFound


def register_security_headers(app: Flask) -> None:
    """Send security headers with every response: nothing is loaded from elsewhere, no script or style is inline."""

    @app.after_request
    def add_headers(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if not request.path.startswith(ASSET_PATHS):
            answer.headers["Cache-Control"] = "no-store"
        return answer
