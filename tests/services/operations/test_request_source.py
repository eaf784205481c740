"""Where a request comes from: one host, a page of this service, an address that a named proxy has passed on."""

from ipaddress import ip_network

import pytest

from dog.errors import BadHost, Forbidden
from dog.services.operations.request_source import (
    check_host,
    check_local_host,
    check_origin,
    client_address,
    public_url,
)

OWN = ["localhost", "localhost:8000", "LOCALHOST:8000", "localhost.:8000", "127.0.0.1", "127.8.8.8:1", "[::1]:8000"]
FOREIGN = ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0:8000"]
MALFORMED = [
    "",
    "a,b",
    "localhost, evil.example",
    "u@localhost",
    "localhost:8000:1",
    "local host",
    "::1",
    "[::1",
    "a/b",
]


def host(name: str) -> dict[str, str]:
    return {"host": name}


@pytest.mark.parametrize("name", [*OWN, *FOREIGN])
def test_one_well_formed_host_is_accepted(name: str) -> None:
    check_host(host(name), "HTTP/1.1")


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_or_doubled_host_is_refused(name: str) -> None:
    with pytest.raises(BadHost, match="Host"):
        check_host(host(name), "HTTP/1.1")


def test_only_http_1_0_may_leave_the_host_out() -> None:
    check_host({}, "HTTP/1.0")
    for protocol in ("HTTP/1", "HTTP/1.1", "HTTP/2"):
        with pytest.raises(BadHost, match="no header Host"):
            check_host({}, protocol)


@pytest.mark.parametrize("name", OWN)
def test_a_loopback_host_is_local(name: str) -> None:
    check_local_host(host(name))


@pytest.mark.parametrize("headers", [*map(host, FOREIGN), {}])
def test_any_other_host_is_foreign_whatever_it_resolves_to(headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden) as caught:
        check_local_host(headers)

    assert caught.value.code == "foreign_host"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://localhost:8000"},
        {"origin": "HTTP://LocalHost:8000"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "Cross-Site", "sec-fetch-mode": "navigate"},
    ],
)
def test_requests_of_own_pages_programs_and_followed_links_may_read(headers: dict[str, str]) -> None:
    check_origin({"host": "localhost:8000", **headers}, "GET")


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("dog.example", "https://dog.example"),
        ("dog.example:443", "https://dog.example"),
        ("dog.example", "http://dog.example:80"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("DOG.example", "https://dog.EXAMPLE"),
    ],
)
def test_an_origin_is_own_if_it_names_the_host_by_its_scheme(name: str, origin: str) -> None:
    check_origin({"host": name, "origin": origin}, "POST")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://localhost:3000"},
        {"origin": "http://localhost"},
        {"origin": "http://127.0.0.1:8000"},
        {"origin": "https://evil.example"},
        {"origin": "localhost:8000"},
        {"origin": "file://localhost:8000"},
        {"origin": "http://localhost:8000,http://evil.example"},
        {"origin": "http://localhost:8000@evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
    ],
)
def test_requests_of_other_pages_are_refused(headers: dict[str, str], method: str) -> None:
    with pytest.raises(Forbidden) as caught:
        check_origin({"host": "localhost:8000", **headers}, method)

    assert caught.value.code == "foreign_origin"


def test_a_form_of_another_site_is_refused_though_it_navigates() -> None:
    with pytest.raises(Forbidden):
        check_origin({"host": "localhost", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, "POST")


PROXIES = (ip_network("10.0.0.0/24"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7 , 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, unknown", "10.0.0.1"),
        ("10.0.0.1", "a\nb", "10.0.0.1"),
        ("[fd00::1]", "2001:db8::7", "2001:db8::7"),
        ("", "198.51.100.7", ""),
    ],
)
def test_the_address_is_the_nearest_one_that_is_no_named_proxy(peer: str, forwarded: str | None, address: str) -> None:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}

    assert client_address(peer, headers, PROXIES) == address


def test_without_a_named_proxy_no_header_is_believed() -> None:
    assert client_address("10.0.0.1", {"x-forwarded-for": "198.51.100.7"}, ()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("peer", "forwarded", "url"),
    [
        ("192.0.2.1", "evil.example", "https://dog:8000/v1/hooks/crm"),
        ("10.0.0.1", "crm.example.com", "https://crm.example.com/v1/hooks/crm"),
        ("10.0.0.1", "crm.example.com, inner", "https://crm.example.com/v1/hooks/crm"),
        ("10.0.0.1", None, "https://dog:8000/v1/hooks/crm"),
    ],
)
def test_the_public_address_has_the_host_that_a_named_proxy_states(peer: str, forwarded: str | None, url: str) -> None:
    headers = {"host": "dog:8000"} | ({} if forwarded is None else {"x-forwarded-host": forwarded})

    assert public_url(peer, headers, PROXIES, "/v1/hooks/crm") == url
