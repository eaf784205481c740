"""The console's application: Dash around the pages, in the process of the API."""

from pathlib import Path
from typing import Any

import dash
import structlog
from dash import Dash, Input, Output, set_props
from flask import Flask

from dog.console import curves_page as curves
from dog.console import desk_page as desk
from dog.console import inbox_page as inbox
from dog.console import pairs_page as pairs
from dog.console import rules_page as rules
from dog.console.compressed_assets import register_packing
from dog.console.layout import INDEX, PAGES, frame, navigation, nothing_here, who
from dog.console.login_page import register_log_in
from dog.console.mount import PLACE
from dog.console.security_headers import register_headers
from dog.console.session import allows, register_guard
from dog.errors import DogError
from dog.services.background_tasks import BackgroundResults
from dog.services.pairs.pair_table import PairTables
from dog.services.runtime import Runtime

ROOMS: dict[str, Any] = {"/": inbox, "/curves": curves, "/rules": rules, "/pairs": pairs, "/desk": desk}
"""Path to the module that has `show()` and `register(app)`."""

log = structlog.get_logger()


def create_console(runtime: Runtime) -> Flask:
    """Build the console around what bootstrap built."""
    server = Flask("dog.console", static_folder=None)
    server.extensions["dog"] = runtime
    server.extensions["pair_tables"] = PairTables()
    server.extensions["background_results"] = BackgroundResults()
    register_guard(server)
    register_log_in(server)
    app = Dash(
        "dog.console",
        server=server,
        title="DOG",
        index_string=INDEX,
        update_title="",
        assets_folder=str(Path(__file__).parent / "assets"),
        requests_pathname_prefix=f"{PLACE}/",
        routes_pathname_prefix="/",
        serve_locally=True,
        suppress_callback_exceptions=True,
        on_error=_tell,
    )
    app.layout = frame()
    _register_routing(app)
    for room in ROOMS.values():
        room.register(app)
    register_headers(server, app.csp_hashes())
    register_packing(server)
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
        path = "/" + (pathname or "").removeprefix(PLACE).strip("/")
        found = next((scope for at, _, scope in PAGES if at == path), None)
        if found is None or path not in ROOMS:
            return nothing_here("There is no such page."), navigation(path), who()
        if not allows(found):
            return nothing_here(f"This page needs a key with the scope '{found}'."), navigation(path), who()
        return ROOMS[path].show(), navigation(path), who()


def _tell(error: Exception) -> Any:
    """Tell the person what went wrong, in place of an answer."""
    if not isinstance(error, DogError):
        log.error("console_error", exc_info=error)
    said = error.message if isinstance(error, DogError) else "Something went wrong here; it is in the service's log."
    set_props("notice", {"children": said})
    return dash.no_update
