"""The settings: read once from the environment, validated, frozen."""

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from dog.errors import InputFault, InvalidSettings
from dog.extras import install_extra
from dog.shipped_files import find_rules

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Variable of prometheus_client: the folder in which the workers of one server add up their metrics."""
SMALLEST_MEMORY = 16 << 20
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Role = Literal["rep", "analyst", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Of people who log in by OpenID Connect; the one that may least comes first."""
SCHEMES = ("unix", "redis", "rediss", "redis+sentinel", "redis+cluster")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a deployment; `docs/reference/settings.md` describes each."""

    redis_url: str | None = field(default=None, repr=False)
    data_dir: Path = Path("var")
    max_memory: int | None = None
    bind: str = "127.0.0.1:8000"
    workers: int = field(default_factory=lambda: min(2, len(os.sched_getaffinity(0))))
    policy_dir: Path = field(default_factory=find_rules)
    sync_map: str | None = None
    auth: str = "required"
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = field(default=None, repr=False)
    oidc_tenant: str = "default"
    oidc_claim: str = "roles"
    oidc_roles: str = "rep=rep,analyst=analyst,admin=admin"
    trusted_proxies: tuple[Network, ...] = ()
    timezone: str = "UTC"
    durability: str = "strict"
    archive: str | None = field(default=None, repr=False)
    archive_after_weeks: int = 53
    dask: str | None = None
    log_level: str = "info"
    log_format: str = "json"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which weeks begin."""
        return ZoneInfo(self.timezone)

    @property
    def host(self) -> str:
        """Host of `bind`."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """Port of `bind`."""
        return int(self.bind.rpartition(":")[2])

    def shown(self) -> dict[str, Any]:
        """Return the effective settings with the passwords of the Redis URL masked."""
        shown = {name: str(getattr(self, name)) for name in self.__slots__}
        shown["trusted_proxies"] = ",".join(map(str, self.trusted_proxies))
        shown |= {name: "***" for name in ("oidc_client_secret",) if getattr(self, name)}
        if self.redis_url:
            shown["redis_url"] = masked(self.redis_url)
        if self.archive:
            shown["archive"] = masked(self.archive)
        return shown


def masked(url: str) -> str:
    """Mask the passwords of a URL.

    Examples
    --------
    >>> masked("redis+sentinel://dog:s3cret@a:1,b:2/main?sentinel_password=other")
    'redis+sentinel://dog:***@a:1,b:2/main?sentinel_password=***'

    """
    url = re.sub(r"(//[^:@/]*:).*@", r"\1***@", url)
    return re.sub(r"(password=)[^&]*", r"\1***", url)


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text.lower()

    return read


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def _folder(text: str) -> Path:
    if not os.path.isdir(text):  # noqa: PTH112  # False where it may not be looked at, too
        raise ValueError("must be a folder that exists")
    return Path(text)


def _archive(text: str) -> str:
    if "://" not in text:
        return str(_folder(text))
    if text.startswith(("s3://", "s3a://")) and find_spec("s3fs") is None:
        raise ValueError(f"needs the extra s3: {install_extra('s3')}")
    return text


def _map(text: str) -> str:
    if "{tenant}" not in text and not os.path.isfile(text):  # noqa: PTH113  # as above
        raise ValueError("must be a file that exists, or a path with {tenant} in it")
    return text


def _bytes(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,15})(mb|gb)", text, re.ASCII | re.IGNORECASE)
    size = int(found[1]) << (30 if found[2].lower() == "gb" else 20) if found else 0
    if not SMALLEST_MEMORY <= size < 1 << 60:
        raise ValueError("must be a number of megabytes or gigabytes from 16mb on, for example 512mb or 4gb")
    return size


def _url(text: str) -> str:
    if urlsplit(text).scheme not in SCHEMES:
        raise ValueError(f"must begin with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
    return text


def _bind(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise ValueError("must be HOST:PORT, for example 127.0.0.1:8000")
    return text


def dask_address(text: str) -> str:
    """Return the address of a Dask scheduler as it is; raise `ValueError` if it is none."""
    scheme, _, place = text.partition("://")
    host, _, port = place.rpartition(":")
    if scheme not in ("tcp", "tls") or not host or not (port.isascii() and port.isdigit()) or "/" in place:
        raise ValueError("must be tcp://HOST:PORT or tls://HOST:PORT, for example tcp://scheduler:8786")
    return text


def _issuer(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise ValueError("must be the https:// address of the issuer, such as https://login.example.com/realms/sales")
    return text.rstrip("/")


def read_roles(text: str) -> dict[str, str]:
    """Return roles by value of the claim; raise `ValueError` if the text is malformed.

    Examples
    --------
    >>> read_roles("DOG users=rep,Sales operations=admin")
    {'DOG users': 'rep', 'Sales operations': 'admin'}

    """
    found = {}
    for entry in text.split(","):
        value, _, role = entry.rpartition("=")
        if not value.strip() or role.strip() not in ROLES:
            raise ValueError(f"must be VALUE=ROLE, separated by commas; the roles are {', '.join(ROLES)}")
        found[value.strip()] = role.strip()
    return found


def _roles(text: str) -> str:
    read_roles(text)
    return text


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(each.strip()) for each in text.split(","))
    except ValueError as error:
        raise ValueError(f"must name addresses or networks, separated by commas, such as 10.0.0.5 ({error})") from None


def _timezone(text: str) -> str:
    if text not in available_timezones():
        near = difflib.get_close_matches(text, available_timezones(), 1)
        raise ValueError(
            f"must be an IANA time zone such as Europe/Paris{f'; did you mean {near[0]}?' if near else ''}"
        )
    return text


READERS: dict[str, Callable[[str], Any]] = {
    "redis_url": _url,
    "data_dir": Path,
    "bind": _bind,
    "workers": _whole(1, 256),
    "max_memory": _bytes,
    "policy_dir": _folder,
    "sync_map": _map,
    "auth": _one_of("required", "off"),
    "oidc_issuer": _issuer,
    "oidc_client_id": str,
    "oidc_client_secret": str,
    "oidc_tenant": str,
    "oidc_claim": str,
    "oidc_roles": _roles,
    "trusted_proxies": _networks,
    "timezone": _timezone,
    "durability": _one_of("strict", "standard", "ha", "volatile"),
    "archive": _archive,
    "archive_after_weeks": _whole(2, 5200),
    "dask": dask_address,
    "log_level": _one_of("debug", "info", "warning", "error"),
    "log_format": _one_of("json", "console"),
}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    InvalidSettings
        A `DOG_*` variable has an unknown name or a bad value; the message says how to correct it.

    Examples
    --------
    >>> read_settings({"DOG_BIND": "127.0.0.1:9000"}).port
    9000

    """
    values: dict[str, Any] = {}
    for variable in sorted(name for name in environ if name.startswith("DOG_")):
        name = variable.removeprefix("DOG_").lower()
        if name not in READERS or variable != variable.upper():
            near = difflib.get_close_matches(name, READERS, 1)
            hint = f"; did you mean DOG_{near[0].upper()}?" if near else "; see docs/reference/settings.md"
            raise _refused(variable, f"is an unknown setting{hint}")
        if environ[variable] == "":
            continue
        try:
            values[name] = READERS[name](environ[variable])
        except ValueError as error:
            raise _refused(variable, f"is {masked(environ[variable])!r} but {error}") from None
    settings = Settings(**values)
    if settings.auth == "off" and not is_loopback(settings.host):
        raise _refused("DOG_AUTH", f"is off, which is accepted only with a loopback DOG_BIND, not {settings.bind!r}")
    if settings.oidc_issuer and not settings.oidc_client_id:
        raise _refused("DOG_OIDC_ISSUER", "needs DOG_OIDC_CLIENT_ID, the client's id at that issuer")
    return settings


def is_loopback(host: str) -> bool:
    """Return whether an address is reachable from this machine only."""
    address = read_address(host)
    return host == "localhost" if address is None else address.is_loopback


def read_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that a text is, in brackets or not; None if it is none."""
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def _refused(variable: str, why: str) -> InvalidSettings:
    message = f"{variable} {why}"
    return InvalidSettings(message, [InputFault(f"/{variable}", "invalid_settings", message)])
