"""Log-in and log-out, by a form or, over a page whose session has expired, by its script."""

from datetime import UTC, datetime

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue

from dog.console import MOUNT_PATH
from dog.console.session import COOKIE, address, is_script, redirect_to, runtime
from dog.console.texts import _
from dog.errors import RateLimited, StoreError, Unauthenticated
from dog.services.operations import login
from dog.storage.api_keys import SESSION_SECONDS


def show_login(fault: str | None = None, status: int = 200) -> ResponseReturnValue:
    """Show the form, with the reason why the last attempt failed; that alone where a script asks."""
    if fault and is_script():
        return fault, status, {"Content-Type": "text/plain; charset=utf-8"}
    return render_template("login.html", fault=fault), status


def enter(answer: Response | str, token: str, *, is_secure: bool) -> Response:
    """Return an answer with the cookie of a session."""
    entered = Response(answer, mimetype="text/html") if isinstance(answer, str) else answer
    entered.set_cookie(
        COOKIE, token, max_age=SESSION_SECONDS, path=MOUNT_PATH, httponly=True, samesite="Strict", secure=is_secure
    )
    return entered


def register_login(app: Flask) -> None:
    """Register the routes that start and end a session."""

    @app.get("/log-in")
    def ask_key() -> ResponseReturnValue:
        return show_login()

    @app.post("/log-in")
    def log_in() -> ResponseReturnValue:
        presented = request.form.get("key", "").strip()
        try:
            token = login.log_in(runtime(), presented, address(), datetime.now(UTC))
        except Unauthenticated:
            return show_login(_("Invalid, expired or revoked key."), 401)
        except RateLimited:
            return show_login(_("Invalid key, and too many wrong ones before it. Wait a second and try again."), 429)
        except StoreError as error:
            said = _("The data store does not answer. Try again in a moment. (%(error)s)", error=error.message)
            return show_login(said, 503)
        # A proxy may end TLS and forward plain HTTP; the browser's Origin header shows the scheme it used.
        secure = request.is_secure or request.headers["Origin"].startswith("https:")
        return enter(Response(status=204) if is_script() else redirect_to("/"), token, is_secure=secure)

    @app.get("/session")
    def has_session() -> dict[str, int]:
        return {"now_ms": runtime().clock()}

    @app.post("/log-out")
    def log_out() -> Response:
        login.log_out(runtime(), request.cookies.get(COOKIE, ""), address(), datetime.now(UTC))
        left = redirect_to("/log-in")
        left.delete_cookie(COOKIE, path=MOUNT_PATH, httponly=True, samesite="Strict")
        return left
