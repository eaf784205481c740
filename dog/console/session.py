"""Who is at the console: a cookie that stands for an API key, and what the key allows."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request

from dog.console.mount import PLACE
from dog.errors import Forbidden, StoreError, Unauthenticated
from dog.services.background_tasks import BackgroundResults
from dog.services.pairs.pair_table import PairTables
from dog.services.runtime import Runtime
from dog.storage.api_keys import SCOPES, ApiKey, find_key, read_session_key_id
from dog.storage.audit_log import Actor, current_actor

COOKIE = "dog_console"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS = ("/log-in", "/log-out", "/assets/", "/_dash-component-suites/", "/_favicon.ico")
LOCAL = ApiKey("local", "default", "local", SCOPES, "", "")


def runtime() -> Runtime:
    """Give the pages what bootstrap built."""
    built: Runtime = current_app.extensions["dog"]
    return built


def pair_tables() -> PairTables:
    """Give the pages the tables that this process has read."""
    tables: PairTables = current_app.extensions["pair_tables"]
    return tables


def background_results() -> BackgroundResults:
    """Give the pages what is being looked up beside the requests."""
    found: BackgroundResults = current_app.extensions["background_results"]
    return found


def key() -> ApiKey:
    """Give the key behind the session of this request."""
    found: ApiKey = g.key
    return found


def tenant() -> str:
    """Name the tenant whose data this request may see."""
    return key().tenant


def allows(scope: str) -> bool:
    """Tell whether the session's key has a scope."""
    return scope in key().scopes


def require(scope: str) -> None:
    """Refuse what the session's key has no scope for.

    Raises
    ------
    Forbidden
        The key lacks it.

    """
    if not allows(scope):
        raise Forbidden(f"this needs the scope '{scope}'; your key has {', '.join(key().scopes)}")


def register_guard(app: Flask) -> None:
    """Let nobody but the log-in page pass without a session, and nothing that another site sends."""

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        current_actor.set(None)

    @app.before_request
    def guard() -> Response | None:
        if request.method not in SAFE_METHODS and not _from_here():
            return Response("This request comes from another site and was refused.\n", 403, mimetype="text/plain")
        if request.path.startswith(OPEN_PATHS):
            return None
        try:
            g.key = _key_of_request()
            current_actor.set(Actor(g.key.key_id, g.key.name, request.remote_addr or ""))
        except Unauthenticated as error:
            if request.method == "GET" and not request.path.startswith("/_dash"):
                return to("/log-in")
            return Response(error.message, 401, mimetype="text/plain")
        except StoreError as error:
            return Response(error.message, 503, mimetype="text/plain")
        return None


def _key_of_request() -> ApiKey:
    if runtime().settings.auth == "off":
        return LOCAL
    token = request.cookies.get(COOKIE)
    if not token:
        raise Unauthenticated("log in first")
    return find_key(runtime().redis, read_session_key_id(runtime().redis, token), now())


def _from_here() -> bool:
    """Tell whether a page of this very origin sent the request; browsers always say so when they post."""
    origin = request.headers.get("Origin", "")
    return urlsplit(origin).netloc == request.host and bool(origin)


def now() -> datetime:
    """Read the clock by which keys expire."""
    return datetime.now(UTC)


def to(path: str) -> Response:
    """Lead the browser to a page of the console."""
    return redirect(PLACE + path, 303)  # type: ignore[return-value]  # werkzeug's response, made by Flask
