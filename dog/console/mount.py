"""Mount the console beside the API if its packages are installed."""

import threading
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from flask import Flask, Response, redirect
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from dog.api.request_guard import OPEN, needs
from dog.console import MOUNT_PATH
from dog.extras import install_extra
from dog.services.runtime import Runtime

PACKAGES = ("authlib", "babel", "requests")
HOW_TO_INSTALL = (
    f"The console is not installed here. To install it: {install_extra('console')}, then start the service again.\n"
)


def mount_console(app: Flask, runtime: Runtime) -> Flask:
    """Serve the console under MOUNT_PATH, or a sentence that says how to install it; `/` leads to what is there."""
    is_installed = all(find_spec(name) for name in PACKAGES)
    console: Any = _LazyConsole(runtime) if is_installed else _not_installed
    app.add_url_rule("/", "start", needs(OPEN)(lambda: redirect(MOUNT_PATH if is_installed else "/docs")))
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {MOUNT_PATH: console})  # type: ignore[method-assign]  # Flask's way
    return app


class _LazyConsole:
    """The console, built on the first request: importing its packages takes half a second, and no list waits for it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._console: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self._lock:
            if self._console is None:
                from dog.console.console_app import create_console  # noqa: PLC0415  # see the class

                self._console = create_console(self._runtime)
        answered: Iterable[bytes] = self._console(environ, start_response)
        return answered


def _not_installed(environ: Any, start_response: Any) -> Iterable[bytes]:
    return Response(HOW_TO_INSTALL, 501, mimetype="text/plain")(environ, start_response)
