"""The console's Flask application: pages, log-in, session, texts, security headers."""

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from dog.api.problems import status_of
from dog.console import MOUNT_PATH, settings_page, verdicts_page
from dog.console.coverage import coverage_page
from dog.console.data import data_page, upload_routes
from dog.console.desk import desk_jobs, desk_page
from dog.console.inbox import inbox_routes, queue_routes
from dog.console.learning import curves_page, pairs_page
from dog.console.login_page import register_login
from dog.console.message_words import message_words
from dog.console.pages import PAGES, needs_data
from dog.console.people import oidc_login, people_page
from dog.console.people.identity_provider import register_provider
from dog.console.policies import policy_page
from dog.console.response_hooks import refuse_odd_paths, register_security_headers
from dog.console.runs import runs_page
from dog.console.runs.report_words import outcome_words
from dog.console.session import allows, author, is_navigation, person, redirect_to, register_session_guard, tenant
from dog.console.static_files import asset_url, register_static_compression
from dog.console.texts import _, register_texts
from dog.errors import DogError
from dog.log import log
from dog.services.runtime import Runtime

BLUEPRINTS = (
    coverage_page.routes,
    curves_page.routes,
    data_page.routes,
    desk_jobs.routes,
    desk_page.routes,
    inbox_routes.routes,
    pairs_page.routes,
    queue_routes.routes,
    people_page.routes,
    upload_routes.routes,
    policy_page.routes,
    runs_page.routes,
    settings_page.routes,
    verdicts_page.routes,
)


def create_console(runtime: Runtime) -> Flask:
    """Build the console around a runtime."""
    app = Flask("dog.console", static_url_path="/static")
    app.extensions["dog"] = runtime
    refuse_odd_paths(app)
    register_session_guard(app)
    register_errors(app)
    register_login(app)
    register_texts(app)
    app.add_template_filter(message_words)
    app.add_template_filter(outcome_words)
    if runtime.settings.oidc_issuer:
        register_provider(app, runtime)
        app.register_blueprint(oidc_login.routes)
    app.before_request(_lead_to_first_page)
    app.context_processor(_frame)
    for routes in BLUEPRINTS:
        app.register_blueprint(routes)
    register_security_headers(app)
    register_static_compression(app)
    return app


def _lead_to_first_page() -> ResponseReturnValue | None:
    """Lead from the inbox, where the console opens, to the first page that the session may see."""
    if request.path != "/" or "key" not in g or PAGES[0].is_open():
        return None
    first = next((page for page in PAGES if page.is_open()), None)
    return redirect_to(first.path) if first else None


def _frame() -> dict[str, object]:
    """Return what every page of a session shows: its links and the user."""
    path = request.path.rstrip("/") or "/"
    return {
        "mount": MOUNT_PATH,
        "asset": asset_url,
        "pages": PAGES,
        "page_path": path,
        "allows": allows,
        "needs_data": needs_data,
        "issuer": current_app.extensions["dog"].settings.oidc_issuer,
        "author": author,
        "person": person,
        "tenant": tenant,
        "theme": request.cookies.get("theme", "system"),
    }


def register_errors(app: Flask) -> None:
    """Answer errors with a page, or with one line of text where a script asks."""

    @app.errorhandler(DogError)
    def refused(error: DogError) -> ResponseReturnValue:
        return _show(message_words(error.message), status_of(error))

    @app.errorhandler(HTTPException)
    def no_page(error: HTTPException) -> ResponseReturnValue:
        return _show(f"{error.name}.", error.code or 500)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> ResponseReturnValue:
        log.error("console_error", error=error)
        return _show(_("Something went wrong. The service's log has the details."), 500)


def _show(message: str, status: int) -> ResponseReturnValue:
    if "key" in g and is_navigation() and request.accept_mimetypes.accept_html:
        return render_template("error.html", message=message), status
    return f"{message}\n", status, {"Content-Type": "text/plain; charset=utf-8"}
