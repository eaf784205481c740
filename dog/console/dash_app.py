"""The console's Dash application: pages, login, session, security headers."""

from pathlib import Path
from typing import Any

import dash
from dash import Dash, Input, Output, set_props
from flask import Flask

from dog.console import MOUNT_PATH, curves_page, dashboard_page, inbox_page, pairs_page, rules_page, verdicts_page
from dog.console.layout import INDEX, frame, navigation
from dog.console.login_page import register_login
from dog.console.response_hooks import register_asset_compression, register_errors, register_security_headers
from dog.console.session import allows, author, register_session_guard, tenant
from dog.console.widgets import nothing_here
from dog.errors import DogError
from dog.log import log
from dog.services.runtime import Runtime

PAGES: dict[str, tuple[str, str, Any]] = {
    # path: name, scope that may see it, module with `show()` and `register(app)`
    "/": ("Inbox", "feedback", inbox_page),
    "/curves": ("Curves", "read", curves_page),
    "/rules": ("Rules", "admin", rules_page),
    "/pairs": ("Pairs", "read", pairs_page),
    "/verdicts": ("Verdicts", "read", verdicts_page),
    "/desk": ("Desk", "read", dashboard_page),
}


def create_console(runtime: Runtime) -> Flask:
    """Build the console around a runtime."""
    server = Flask("dog.console", static_folder=None)
    server.extensions["dog"] = runtime
    register_errors(server)
    register_session_guard(server)
    register_login(server)
    app = Dash(
        "dog.console",
        server=server,
        title="DOG",
        index_string=INDEX,
        update_title="",
        assets_folder=str(Path(__file__).parent / "assets"),
        requests_pathname_prefix=f"{MOUNT_PATH}/",
        routes_pathname_prefix="/",
        serve_locally=True,
        suppress_callback_exceptions=True,
        on_error=_show_error,
    )
    app.layout = frame()
    _register_routing(app)
    for _, _, page in PAGES.values():
        page.register(app)
    register_security_headers(server, app.csp_hashes())
    register_asset_compression(server)
    return server


def _register_routing(app: Dash) -> None:
    @app.callback(
        Output("page", "children"),
        Output("navigation", "children"),
        Output("who", "children"),
        Input("address", "pathname"),
    )
    def go(pathname: str) -> tuple[Any, Any, str]:
        set_props("notice", {"children": ""})
        path = "/" + (pathname or "").removeprefix(MOUNT_PATH).strip("/")
        links = [(at, name) for at, (name, scope, _) in PAGES.items() if allows(scope)]
        return _page(path), navigation(links, path), f"{author()} · {tenant()}"


def _page(path: str) -> Any:
    if path not in PAGES:
        return nothing_here("There is no such page.")
    _, scope, page = PAGES[path]
    if not allows(scope):
        return nothing_here(f"This page needs a key with the scope '{scope}'.")
    return page.show()


def _show_error(error: Exception) -> Any:
    """Show what went wrong in a callback in place of its result."""
    if not isinstance(error, DogError):
        log.error("console_error", error=error)
    text = error.message if isinstance(error, DogError) else "Something went wrong here; it is in the service's log."
    set_props("notice", {"children": text})
    return dash.no_update
