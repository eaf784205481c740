"""How a tenant's webhook stands: what was delivered last, what fails, what waits."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from dog.services.operations.findings import Finding
from dog.services.operations.webhooks import MOST_ATTEMPTS, untold
from dog.services.runtime import Runtime
from dog.storage.store import Store
from dog.storage.webhook_config import Webhook, read_webhook

LATE_MS = 5 * 60_000
"""The scheduler looks every few seconds: what has waited so long is not being told."""


def webhook_state(runtime: Runtime, store: Store) -> Iterator[Finding]:
    """Say whether messages arrive; nothing where nobody is to be told. The URL's path may be secret and is left out."""
    webhook = read_webhook(store)
    if webhook is None:
        return
    host = urlsplit(webhook.url).hostname or "?"
    waiting = untold(runtime, store, webhook.told)
    says = f"{host}: {_delivered(webhook)}, {len(waiting)} waiting"
    if webhook.given_up:
        says += f", {webhook.given_up} given up after {MOST_ATTEMPTS} attempts each"
    if webhook.last_error:
        says += f"; the last attempt failed: {webhook.last_error}"
        if webhook.attempts:
            says += f"; attempt {webhook.attempts + 1} of {MOST_ATTEMPTS} at {_instant(webhook.next_at_ms)}"
        mend = f"let {host} answer POST with 2xx, or python -m dog webhooks set URL, or python -m dog webhooks remove"
        yield Finding("webhook", says, ok=False, mend=mend)
        return
    late = bool(waiting) and runtime.clock() - waiting[0].at_ms > LATE_MS
    nobody = "nothing tells them: run python -m jobs scheduler"
    yield Finding("webhook", says, not late, nobody if late else None)


def _delivered(webhook: Webhook) -> str:
    return f"last delivery {_instant(webhook.delivered_at_ms)}" if webhook.delivered_at_ms else "nothing delivered yet"


def _instant(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
