"""The pages of the console that Dash renders."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dash
from dash import Dash, Input, Output, set_props
from dash.exceptions import DependencyException
from flask import Flask, Response

from dog.console import MOUNT_PATH
from dog.console.layout import INDEX, frame, navigation
from dog.console.pages import PAGES
from dog.console.session import allows, author, tenant
from dog.console.widgets import nothing_here
from dog.errors import DogError
from dog.log import log

MODULES: dict[str, Any] = {  # with `show()` and `register(app)`
}


def add_dash_pages(server: Flask) -> Sequence[str]:
    """Add the pages to the console; return the CSP sources of their inline scripts."""
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
    for page in MODULES.values():
        page.register(app)

    @server.errorhandler(DependencyException)
    def no_such_file(_: DependencyException) -> Response:
        return Response("There is no such file.\n", 404, mimetype="text/plain")

    hashes: Sequence[str] = app.csp_hashes()
    return hashes


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
        links = [(page.path, page.name) for page in PAGES if page.is_open()]
        return _page(path), navigation(links, path), f"{author()} · {tenant()}"


def _page(path: str) -> Any:
    page = next((page for page in PAGES if page.path == path), None)
    if page is None:
        return nothing_here("There is no such page.")
    if not allows(page.scope):
        return nothing_here(f"This page needs a key with the scope '{page.scope}'.")
    return MODULES[path].show()


def _show_error(error: Exception) -> Any:
    """Show what went wrong in a callback in place of its result."""
    if not isinstance(error, DogError):
        log.error("console_error", error=error)
    text = error.message if isinstance(error, DogError) else "Something went wrong here; it is in the service's log."
    set_props("notice", {"children": text})
    return dash.no_update
