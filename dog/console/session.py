"""The session of a console user: a cookie that stands for an API key, and what the key allows."""

from datetime import UTC, datetime
from urllib.parse import quote

from flask import Flask, Response, current_app, g, redirect, request

from dog.config import ROLES, Role
from dog.console import MOUNT_PATH
from dog.errors import BadHost, Forbidden, StoreError, Unauthenticated
from dog.services.operations.login import ConsoleSession, find_session, session_of_key
from dog.services.operations.request_source import SAFE_METHODS, check_origin, check_source, client_address
from dog.services.runtime import Runtime
from dog.storage.api_keys import LOCAL_KEY, ApiKey
from dog.storage.audit_log import Actor, current_actor

COOKIE = "dog_console"
ASSET_PATHS = ("/static/",)
"""Files that are the same for every user."""
OPEN_PATHS = ("/log-in", "/log-out", *ASSET_PATHS, "/_favicon.ico")


def runtime() -> Runtime:
    """Return the runtime that the console was built with."""
    found: Runtime = current_app.extensions["dog"]
    return found


def key() -> ApiKey:
    """Return the API key of this request's session."""
    found: ApiKey = g.key
    return found


def tenant() -> str:
    """Return the tenant of the session's key."""
    return key().tenant


def author() -> str:
    """Return the name under which changes of this session are recorded."""
    return key().name or key().key_id


def person() -> str:
    """Return whose answers a browser may send in this session, in letters that a header may have."""
    return quote(f"{tenant()}/{author()}")


def allows(scope: str) -> bool:
    """Return whether the session's key has a scope."""
    return scope in key().scopes


def role() -> Role:
    """Return the role of the session: that of the person, or the one whose scopes an API key has."""
    found: Role = g.role
    return found


def address() -> str:
    """Return the address of the client, behind a named proxy that which it has passed on."""
    return client_address(request.remote_addr or "", request.headers, runtime().settings.trusted_proxies)


def require(scope: str) -> None:
    """Raise Forbidden if the session's key lacks a scope."""
    if not allows(scope):
        raise Forbidden(f"this needs the scope '{scope}'; your key has {', '.join(key().scopes)}")


def has_role(wanted: Role) -> bool:
    """Return whether the session has the role, or one that may do more."""
    return ROLES.index(role()) >= ROLES.index(wanted)


def require_role(wanted: Role) -> None:
    """Raise Forbidden unless the session has the role, or one that may do more."""
    if not has_role(wanted):
        raise Forbidden(f"this needs the role '{wanted}'; yours is {role()}")


def register_session_guard(app: Flask) -> None:
    """Refuse requests without a session, except for the login page and assets, and requests from other sites."""

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        current_actor.set(None)

    @app.before_request
    def check() -> Response | None:
        try:
            _check_source()
        except (BadHost, Forbidden) as error:
            return Response(error.message, 400 if isinstance(error, BadHost) else 403, mimetype="text/plain")
        if request.path.startswith(OPEN_PATHS):
            return None
        try:
            g.key, g.role = _session_of_request()
            current_actor.set(Actor(g.key.key_id, g.key.name, address()))
        except Unauthenticated as error:
            if is_navigation():
                return redirect_to("/log-in")
            return Response(error.message, 401, mimetype="text/plain")
        except StoreError as error:
            return Response(error.message, 503, mimetype="text/plain")
        return None


def is_script() -> bool:
    """Return whether a script of a page asks."""
    return "HX-Request" in request.headers or request.accept_mimetypes.best == "application/json"


def is_navigation() -> bool:
    """Return whether the browser opens a page."""
    return request.method == "GET" and not is_script()


def _session_of_request() -> ConsoleSession:
    if runtime().settings.auth == "off":
        return session_of_key(LOCAL_KEY)
    token = request.cookies.get(COOKIE)
    if not token:
        raise Unauthenticated("log in first")
    return find_session(runtime(), token, datetime.now(UTC))


def _check_source() -> None:
    """Raise `BadHost` or `Forbidden` unless a page of the console, or a link to it, leads here."""
    check_source(runtime().settings, request.headers, request.environ["SERVER_PROTOCOL"], request.method)
    check_origin(request.headers, request.method)
    if request.method not in SAFE_METHODS and "Origin" not in request.headers:  # browsers send it with every POST
        raise Forbidden("the request has no header Origin; only pages of the console may send it")


def redirect_to(path: str) -> Response:
    """Redirect the browser to a path of the console."""
    return redirect(MOUNT_PATH + path, 303)  # type: ignore[return-value]  # werkzeug's response, made by Flask
