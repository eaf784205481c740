"""Requests as the senders of each scheme sign them, written here a second time."""

import base64
import hashlib
import hmac

from dog.services.hooks.schemes import SignedRequest
from tests.conftest import NOW

NOW_MS = round(NOW.timestamp() * 1000)
URL = "https://localhost/v1/hooks/crm"
BODY = b'{"id": 1}'
SECRETS = {
    "standard": "whsec_" + base64.b64encode(bytes(range(24))).decode(),
    "hubspot": "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
    "segment": "the shared secret of segment",
    "rudderstack": "a bearer token of rudderstack",
    "token": "a bearer token of salesforce",
    "basic": "pipedrive:and its password",
}


def signed(
    scheme: str, body: bytes = BODY, *, url: str = URL, now_ms: int = NOW_MS, message_id: str = "msg_1"
) -> SignedRequest:
    """Sign a request as the sender of a scheme does."""
    return SignedRequest(method="POST", url=url, headers=headers_of(scheme, body, url, now_ms, message_id), body=body)


def headers_of(scheme: str, body: bytes, url: str, now_ms: int, message_id: str) -> dict[str, str]:
    """Return the headers that prove the sender."""
    secret = SECRETS[scheme]
    if scheme == "standard":
        seconds = str(now_ms // 1000)
        key, text = base64.b64decode(secret.removeprefix("whsec_")), f"{message_id}.{seconds}.".encode() + body
        made = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": f"v1,{made}"}
    if scheme == "hubspot":
        text = f"POST{url}".encode() + body + str(now_ms).encode()
        made = base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()
        return {"x-hubspot-signature-v3": made, "x-hubspot-request-timestamp": str(now_ms)}
    if scheme == "segment":
        return {"x-signature": hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}
    if scheme == "basic":
        return {"authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"}
    return {"authorization": f"Bearer {secret}"}
