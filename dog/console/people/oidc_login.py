"""The routes of a log-in by OpenID Connect: to the provider, and back with a session."""

from datetime import UTC, datetime

from authlib.common.errors import AuthlibBaseError
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from requests import RequestException

from dog.config import is_loopback
from dog.console.login_page import enter, show_login
from dog.console.people.identity_provider import person_of, provider
from dog.console.session import address, runtime
from dog.console.texts import _
from dog.errors import Forbidden, StoreError, Unauthenticated
from dog.log import log
from dog.services.operations.login import log_in_person
from dog.services.operations.request_source import public_url

routes = Blueprint("oidc", __name__)


@routes.get("/log-in/oidc")
def leave() -> ResponseReturnValue:
    """Send the browser to the provider."""
    client = provider()
    try:
        answer: ResponseReturnValue = client.authorize_redirect(_address_to_come_back())
    except (AuthlibBaseError, RequestException, ValueError) as error:  # ValueError: metadata that are not JSON
        return _refuse(error, _("The identity provider does not answer. Try again in a moment."), 502)
    return answer


@routes.get("/log-in/oidc/done")
def come_back() -> ResponseReturnValue:
    """Begin the session of the person whom the provider names.

    The page that follows opens the console itself: on a redirect from another site the browser would not send the
    session's cookie, which is for requests of this site alone.
    """
    try:
        claims = provider().authorize_access_token()["userinfo"]
        person = person_of(claims, runtime().settings, datetime.now(UTC).isoformat(timespec="seconds"))
        token = log_in_person(runtime(), person, address())
    except (Forbidden, Unauthenticated) as error:
        return show_login(error.message, 403)
    except StoreError as error:
        return show_login(error.message, 503)
    except (AuthlibBaseError, RequestException, KeyError, ValueError) as error:  # KeyError: no id token
        return _refuse(error, _("The log-in was not completed. Try again."), 401)
    return enter(render_template("logged_in.html"), token, is_secure=not _is_local())


def _address_to_come_back() -> str:
    """Return the address that the provider leads back to: https, but for a console on this machine."""
    if _is_local():
        return url_for("oidc.come_back", _external=True)
    proxies = runtime().settings.trusted_proxies
    return public_url(request.remote_addr or "", request.headers, proxies, url_for("oidc.come_back"))


def _is_local() -> bool:
    return is_loopback(request.host.rpartition(":")[0] or request.host) and not request.is_secure


def _refuse(error: Exception, message: str, status: int) -> ResponseReturnValue:
    log.warning("oidc_log_in_failed", source=address(), error=f"{type(error).__name__}: {error}"[:300])
    return show_login(message, status)
