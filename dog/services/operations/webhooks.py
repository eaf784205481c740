"""Deliver finished jobs and activated policies to a tenant's webhook: at least once, in order."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from dog.core.iso_weeks import iso_time
from dog.log import log
from dog.services.job_lease import Lease
from dog.services.operations.webhook_client import PREFIX, post_message, resolve_address, sign_message
from dog.services.runtime import Runtime
from dog.storage.audit_log import KEPT_AUDIT_ENTRIES, read_audit_entries, record_audit_entry
from dog.storage.job_log import list_jobs
from dog.storage.store import Store
from dog.storage.webhook_config import Webhook, read_webhook, write_webhook

MAX_ATTEMPTS = 8
FIRST_WAIT_MS = 5_000
"""Doubled after each attempt: the eighth comes about ten minutes after the first."""
MAX_PER_TICK = 100
SETTLE_MS = 2_000
"""Younger messages wait: another machine may still write one that comes before them."""


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Message:
    """One message; `place` orders messages and never changes."""

    place: str
    kind: str
    at: str
    data: dict[str, Any]

    @property
    def at_ms(self) -> int:
        """Time of what happened, milliseconds since 1970."""
        return int(self.place.partition("-")[0])

    @property
    def message_id(self) -> str:
        """Id by which a receiver recognises a message delivered twice."""
        return "msg_" + hashlib.sha256(f"{self.place} {self.kind}".encode()).hexdigest()[:24]


def set_webhook(runtime: Runtime, tenant: str, url: str, *, allow_private: bool = False) -> str:
    """Send messages to this URL from now on, and return its secret; raise `InvalidInput` if the URL is refused."""
    resolve_address(url, allow_private=allow_private)
    secret = PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()
    told = f"{runtime.clock():015d}~"
    webhook = Webhook(url=url, secret=secret, allow_private=allow_private, told=told)
    write_webhook(runtime.store(tenant), webhook)
    record_audit_entry(runtime.redis, tenant, "webhook.set", urlsplit(url).hostname or "")
    return secret


def deliver_webhooks(runtime: Runtime, tenant: str) -> int:
    """Send pending messages until one is refused; return how many were accepted.

    A refused message is sent again later, and those after it wait; after eight attempts it is given up. Raise
    `Conflict` if another process is delivering.
    """
    store = runtime.store(tenant)
    webhook = read_webhook(store)
    if webhook is None or runtime.clock() < webhook.next_at_ms:
        return 0
    waiting = list_pending_messages(runtime, store, webhook.told)[:MAX_PER_TICK]
    if not waiting:
        return 0
    with Lease(store, "webhooks", runtime.stopping):
        return _deliver(runtime, store, webhook, waiting)


def _deliver(runtime: Runtime, store: Store, webhook: Webhook, waiting: list[Message]) -> int:
    accepted = 0
    for message in waiting:
        error = _send(webhook, message, store.tenant.name, runtime.clock() // 1000)
        if error is None:
            webhook = replace(
                webhook, told=message.place, attempts=0, next_at_ms=0, last_error="", delivered_at_ms=runtime.clock()
            )
            accepted += 1
            write_webhook(store, webhook)
            continue
        webhook = _after_failure(webhook, message, error, runtime.clock())
        write_webhook(store, webhook)
        if webhook.attempts:
            break
    return accepted


def _after_failure(webhook: Webhook, message: Message, error: str, now_ms: int) -> Webhook:
    attempts = webhook.attempts + 1
    log.warning("webhook_refused", kind=message.kind, message_id=message.message_id, attempt=attempts, reason=error)
    if attempts < MAX_ATTEMPTS:
        next_at_ms = now_ms + FIRST_WAIT_MS * 2 ** (attempts - 1)
        return replace(webhook, attempts=attempts, next_at_ms=next_at_ms, last_error=error)
    log.error("webhook_given_up", kind=message.kind, message_id=message.message_id, reason=error)
    return replace(webhook, told=message.place, attempts=0, given_up=webhook.given_up + 1, last_error=error)


def _send(webhook: Webhook, message: Message, tenant: str, now_s: int) -> str | None:
    body = orjson.dumps({"type": message.kind, "timestamp": message.at, "data": {"tenant": tenant, **message.data}})
    headers = {
        "webhook-id": message.message_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": sign_message(webhook.secret, message.message_id, now_s, body),
    }
    return post_message(webhook.url, body, headers, allow_private=webhook.allow_private)


def list_pending_messages(runtime: Runtime, store: Store, told: str) -> list[Message]:
    """Return the messages after a place, in order."""
    found = []
    for job in list_jobs(store):
        if job.state in ("done", "failed") and job.finished_at_ms is not None:
            data = {name: getattr(job, name) for name in ("job_id", "name", "state", "error", "counts")}
            found.append(_message(job.finished_at_ms, job.job_id, "job.finished", data))
    for place, entry in read_audit_entries(runtime.redis, store.tenant.name, KEPT_AUDIT_ENTRIES):
        if entry["act"] == "policy.activate":
            at_ms = round(datetime.fromisoformat(entry["at"]).timestamp() * 1000)
            data = {"name": entry["target"], "version": entry["details"].get("version"), "who": entry["who"]}
            found.append(_message(at_ms, place, "policy.activated", data))
    settled = f"{runtime.clock() - SETTLE_MS:015d}"
    return sorted(message for message in found if told < message.place < settled)


def _message(at_ms: int, name: str, kind: str, data: dict[str, Any]) -> Message:
    return Message(place=f"{at_ms:015d}-{name}", kind=kind, at=iso_time(at_ms), data=data)
