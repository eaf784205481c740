"""Each scheme accepts what its sender sends, and nothing that was changed by one bit, left out or is old."""

import base64
import hashlib
import hmac
from dataclasses import replace

import pytest

from dog.errors import InvalidInput
from dog.services.data.mapping import load_map, map_entries
from dog.services.hooks.schemes import SCHEMES, TOLERANCE_MS, SignedRequest, signed_url
from tests.services.hooks.senders import BODY, NOW_MS, SECRETS, URL, signed


def is_genuine(scheme: str, request: SignedRequest, now_ms: int = NOW_MS) -> bool:
    return SCHEMES[scheme].is_genuine(SECRETS[scheme], request, now_ms)


def test_the_schemes_are_those_of_the_map() -> None:
    assert tuple(SCHEMES) == map_entries.SCHEMES
    without = {name for name, scheme in SCHEMES.items() if not scheme.id_header and not scheme.id_paths}
    assert without == {*load_map.WITHOUT_ID}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_signed_request_is_genuine_and_no_other(scheme: str) -> None:
    request = signed(scheme)
    headers = dict(request.headers)  # type: ignore[call-overload]

    assert is_genuine(scheme, request)
    assert not SCHEMES[scheme].is_genuine(SECRETS[scheme][:-1] + "A", request, NOW_MS)
    assert not is_genuine(scheme, replace(request, headers={}))
    for name, value in headers.items():
        for wrong in ("", value[:-1], f"{value}x", "ü", value.swapcase()):
            assert wrong == value or not is_genuine(scheme, replace(request, headers={**headers, name: wrong}))
    if scheme in ("standard", "hubspot", "segment"):
        assert not is_genuine(scheme, replace(request, body=BODY + b" "))


@pytest.mark.parametrize("scheme", ["standard", "hubspot"])
def test_a_signed_time_is_five_minutes_from_now_at_most(scheme: str) -> None:
    request = signed(scheme)

    for away in (TOLERANCE_MS, -TOLERANCE_MS):
        assert is_genuine(scheme, request, NOW_MS + away)
        assert not is_genuine(scheme, request, NOW_MS + away + (1000 if away > 0 else -1000))


def test_one_of_several_signatures_is_enough() -> None:
    request = signed("standard")
    headers = dict(request.headers)  # type: ignore[call-overload]
    several = f"v1,bm9uZQ== v1a,x {headers['webhook-signature']}"

    assert is_genuine("standard", replace(request, headers={**headers, "webhook-signature": several}))
    assert not is_genuine("standard", replace(request, headers={**headers, "webhook-signature": several[:-60]}))


def test_the_signature_of_the_standard_is_that_of_its_specification() -> None:
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    request = SignedRequest(method="POST", url=URL, headers=headers, body=b'{"test": 2432232314}')

    assert SCHEMES["standard"].is_genuine("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", request, 1614265330_000)


@pytest.mark.parametrize("change", [{"method": "PUT"}, {"url": URL + "?a=1"}, {"url": URL.replace("https", "http")}])
def test_hubspot_signs_method_and_address(change: dict[str, str]) -> None:
    assert not is_genuine("hubspot", replace(signed("hubspot"), **change))  # type: ignore[arg-type]


def test_hubspot_signs_an_address_with_some_characters_decoded() -> None:
    called = f"{URL}?to=a%40b.c%2Cd%3a%20%26"
    assert signed_url(called) == f"{URL}?to=a@b.c,d:%20%26"
    text = f"POST{URL}?to=a@b.c,d:%20%26".encode() + BODY + str(NOW_MS).encode()
    own = base64.b64encode(hmac.new(SECRETS["hubspot"].encode(), text, hashlib.sha256).digest()).decode()
    headers = {"x-hubspot-signature-v3": own, "x-hubspot-request-timestamp": str(NOW_MS)}

    assert is_genuine("hubspot", SignedRequest(method="POST", url=called, headers=headers, body=BODY))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_made_secret_passes_its_own_check(scheme: str) -> None:
    make = SCHEMES[scheme].make_secret

    if make is None:
        assert scheme == "hubspot"
    else:
        SCHEMES[scheme].check_secret(make())
        assert make() != make()


@pytest.mark.parametrize(
    ("scheme", "secret", "fault"),
    [
        ("token", "short", "at least 16 ASCII characters in one line"),
        ("segment", "sixteen or more\ncharacters", "in one line"),
        ("standard", "whsec_no base64 at all!", "must be base64"),
        ("standard", "whsec_AAAAAAAAAAAA", "must be base64"),
        ("basic", "a password without a user", "must be USER:PASSWORD"),
    ],
)
def test_a_secret_that_cannot_be_one_is_refused(scheme: str, secret: str, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        SCHEMES[scheme].check_secret(secret)
