"""Where a request comes from: the host that it names, the page that sent it, the address of its client.

Headers are looked up by lower-case names.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from dog.config import Network, Settings, is_loopback, read_address
from dog.errors import BadHost, Forbidden

HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[^\s\[\]:@/\\?#,]+)(?::(?P<port>[0-9]{1,5}))?")
DEFAULT_PORTS = {"http": "80", "https": "443"}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OTHER_SITES = frozenset({"cross-site", "same-site"})


class Headers(Protocol):
    """The headers of a request: a mapping, or those of Flask."""

    def get(self, key: str, /) -> str | None:
        """Return the value of a header, or None."""


def check_source(settings: Settings, headers: Headers, protocol: str, method: str) -> None:
    """Check the host; with DOG_AUTH=off also that it is this machine, and the origin. Raise as these checks do."""
    check_host(headers, protocol)
    if settings.auth == "off":
        check_local_host(headers)
        check_origin(headers, method)


def check_host(headers: Headers, protocol: str) -> None:
    """Raise `BadHost` unless the request names one host; HTTP/1.0 may leave it out."""
    host = headers.get("host")
    if host is None and protocol != "HTTP/1.0":
        raise BadHost("the request has no header Host; send one")
    if host is not None and _split(host) is None:
        raise BadHost("the header Host is malformed or came twice; send one: NAME or NAME:PORT")


def check_local_host(headers: Headers) -> None:
    """Raise `Forbidden` unless Host is a loopback name: another name may be made to resolve to this machine."""
    found = _split(headers.get("host") or "")
    if found is None or not is_loopback(found[0].removesuffix(".")):
        raise Forbidden(
            "with DOG_AUTH=off only requests to localhost, 127.0.0.1 or [::1] are answered; "
            "use one of them as host, or set DOG_AUTH=required",
            code="foreign_host",
        )


def check_origin(headers: Headers, method: str) -> None:
    """Raise `Forbidden` if a page of another origin sent the request; following a link is harmless."""
    origin, site = headers.get("origin"), (headers.get("sec-fetch-site") or "").lower()
    follows_link = method in SAFE_METHODS and headers.get("sec-fetch-mode") == "navigate"
    if origin is not None and not _is_own(origin, headers.get("host") or ""):
        named = f"from {origin[:100]!r}"
    elif site in OTHER_SITES and not follows_link:
        named = "from another site"
    else:
        return
    raise Forbidden(f"the request comes {named}; only pages of this service may send it", code="foreign_origin")


def client_address(peer: str, headers: Headers, proxies: Sequence[Network]) -> str:
    """Return the address of the client: of `peer`, or the nearest in X-Forwarded-For that is not a named proxy."""
    if not proxies or not _is_proxy(peer, proxies):
        return peer
    passed_on = [each.strip() for each in (headers.get("x-forwarded-for") or "").split(",")]
    address = peer
    for each in reversed(passed_on):
        if read_address(each) is None:
            break  # what is before it cannot be trusted either
        address = each
        if not _is_proxy(each, proxies):
            return address
    return address


def public_url(peer: str, headers: Headers, proxies: Sequence[Network], path: str) -> str:
    """Return the https address that a client outside has called: by the host of a named proxy, else by Host."""
    host = headers.get("host") or ""
    if proxies and _is_proxy(peer, proxies):
        host = (headers.get("x-forwarded-host") or host).partition(",")[0].strip()
    return f"https://{host}{path}"


def _is_proxy(address: str, proxies: Sequence[Network]) -> bool:
    found = read_address(address)
    return found is not None and any(found in network for network in proxies)


@lru_cache(maxsize=1024)
def _split(host: str) -> tuple[str, str] | None:
    """Return name and port (empty if it has none) of a Host, in lower case; None if it is malformed."""
    found = HOST.fullmatch(host)
    return (found["name"].lower(), found["port"] or "") if found else None


@lru_cache(maxsize=1024)
def _is_own(origin: str, host: str) -> bool:
    scheme, _, authority = origin.lower().partition("://")
    default, theirs, ours = DEFAULT_PORTS.get(scheme), _split(authority), _split(host)
    if default is None or theirs is None or ours is None:
        return False
    return (theirs[0], theirs[1] or default) == (ours[0], ours[1] or default)
