"""Tell a tenant's webhook what happened: jobs that ended, policies that came in force; at least once, in order."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog

from dog.services.job_lease import Lease
from dog.services.operations.webhook_client import PREFIX, post_message, resolve_address, sign_message
from dog.services.runtime import Runtime
from dog.storage.audit_log import KEPT_AUDIT_ENTRIES, read_audit_entries, record_audit_entry
from dog.storage.job_log import list_jobs
from dog.storage.store import Store
from dog.storage.webhook_config import Webhook, read_webhook, write_webhook

MOST_ATTEMPTS = 8
FIRST_WAIT_MS = 5_000
"""Doubled after each attempt: the eighth comes some ten minutes after the first."""
MOST_IN_A_TICK = 100
SETTLE_MS = 2_000
"""What is younger is not told yet: another machine may still write something that comes before it."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """What is told; its place orders messages, and is the same whenever it is told."""

    place: str
    kind: str
    at: str
    data: dict[str, Any]

    @property
    def at_ms(self) -> int:
        """When it happened, milliseconds since 1970."""
        return int(self.place.partition("-")[0])

    @property
    def message_id(self) -> str:
        """The id by which a receiver knows a message told twice."""
        return "msg_" + hashlib.sha256(f"{self.place} {self.kind}".encode()).hexdigest()[:24]


def set_webhook(runtime: Runtime, tenant: str, url: str, *, allow_private: bool = False) -> str:
    """Tell this address from now on; its secret, shown once.

    Raises
    ------
    InvalidInput
        The URL is none that may be told.

    """
    resolve_address(url, allow_private=allow_private)
    secret = PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()
    told = f"{runtime.clock():015d}~"
    write_webhook(runtime.store(tenant), Webhook(url, secret, allow_private, told))
    record_audit_entry(runtime.redis, tenant, "webhook.set", urlsplit(url).hostname or "")
    return secret


def deliver_webhooks(runtime: Runtime, tenant: str) -> int:
    """Tell what has not been told yet, as far as the receiver takes it; the number of messages that were taken.

    A message that is refused is sent again later, and those after it wait; after eight attempts it is given up.

    Raises
    ------
    Conflict
        Another process is doing it.

    """
    store = runtime.store(tenant)
    webhook = read_webhook(store)
    if webhook is None or runtime.clock() < webhook.next_at_ms:
        return 0
    waiting = list_pending_messages(runtime, store, webhook.told)[:MOST_IN_A_TICK]
    if not waiting:
        return 0
    with Lease(store, "webhooks", runtime.stopping):
        return _deliver(runtime, store, webhook, waiting)


def _deliver(runtime: Runtime, store: Store, webhook: Webhook, waiting: list[Message]) -> int:
    taken = 0
    for message in waiting:
        failed = _send(webhook, message, store.tenant.name, runtime.clock() // 1000)
        if failed is None:
            webhook = webhook.changed(
                told=message.place, attempts=0, next_at_ms=0, last_error="", delivered_at_ms=runtime.clock()
            )
            taken += 1
            write_webhook(store, webhook)
            continue
        webhook = _after_failure(webhook, message, failed, runtime.clock())
        write_webhook(store, webhook)
        if webhook.attempts:
            break
    return taken


def _after_failure(webhook: Webhook, message: Message, failed: str, now_ms: int) -> Webhook:
    attempts = webhook.attempts + 1
    log.warning("webhook_refused", kind=message.kind, message_id=message.message_id, attempt=attempts, reason=failed)
    if attempts < MOST_ATTEMPTS:
        next_at_ms = now_ms + FIRST_WAIT_MS * 2 ** (attempts - 1)
        return webhook.changed(attempts=attempts, next_at_ms=next_at_ms, last_error=failed)
    log.error("webhook_given_up", kind=message.kind, message_id=message.message_id, reason=failed)
    return webhook.changed(told=message.place, attempts=0, given_up=webhook.given_up + 1, last_error=failed)


def _send(webhook: Webhook, message: Message, tenant: str, now_s: int) -> str | None:
    body = orjson.dumps({"type": message.kind, "timestamp": message.at, "data": {"tenant": tenant, **message.data}})
    headers = {
        "webhook-id": message.message_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": sign_message(webhook.secret, message.message_id, now_s, body),
    }
    return post_message(webhook.url, body, headers, allow_private=webhook.allow_private)


def list_pending_messages(runtime: Runtime, store: Store, told: str) -> list[Message]:
    """List what has to be told after that place, in order."""
    found = []
    for job in list_jobs(store):
        if job.state in ("done", "failed") and job.finished_at_ms is not None:
            data = {
                "job_id": job.job_id,
                "name": job.name,
                "state": job.state,
                "error": job.error,
                "counts": job.counts,
            }
            found.append(_message(job.finished_at_ms, job.job_id, "job.finished", data))
    for place, act in read_audit_entries(runtime.redis, store.tenant.name, KEPT_AUDIT_ENTRIES):
        if act["act"] == "policy.activate":
            at_ms = round(datetime.fromisoformat(act["at"]).timestamp() * 1000)
            data = {"name": act["target"], "version": act["details"].get("version"), "who": act["who"]}
            found.append(_message(at_ms, place, "policy.activated", data))
    settled = f"{runtime.clock() - SETTLE_MS:015d}"
    return sorted(message for message in found if told < message.place < settled)


def _message(at_ms: int, name: str, kind: str, data: dict[str, Any]) -> Message:
    at = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return Message(f"{at_ms:015d}-{name}", kind, at, data)
