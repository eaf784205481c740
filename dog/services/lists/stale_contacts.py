"""A process's copies of contacts for the time when Redis is away. Suppressions fail closed.

A contact that was read shortly before Redis went away is answered from that copy: nothing is written without Redis.
The list of contacts with snoozed products shows whether another process took a discard in between. Any other contact
is answered only from candidates in the request, only if none of its products is snoozed, and only by a policy whose
rules do not read the contact; otherwise it is refused.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from dog.errors import StoreUnavailable
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.read_contact import ContactState
from dog.storage.contacts import read_snoozed_contacts
from dog.storage.store import Store

MAX_CONTACTS = 2_000
READ_BEFORE_MS = 10 * 60_000
"""Longest time between reading a contact and the last successful read: others may have changed it in between."""
MAX_STALE_MS = 8 * 86_400_000
SNOOZED_EVERY_MS = 10_000
ASKS_OF_CONTACT = frozenset({"pitches", "wins", "win_rate", "multiplier"})


@dataclass(frozen=True, slots=True)
class Degraded:
    """Why an answer may be outdated."""

    reason: str
    version: str | None
    age_s: float

    def to_document(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {"reason": self.reason, "version": self.version, "age_s": self.age_s}


@dataclass(frozen=True, slots=True)
class _Snoozed:
    read_at_ms: int
    contacts: frozenset[bytes] | None  # None: could not be read


class StaleContactCache:
    """Recently read contacts, and which contacts have snoozed products, by tenant."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._contacts: OrderedDict[tuple[str, bytes, str], tuple[int, ContactState]] = OrderedDict()
        self._snoozed: dict[str, _Snoozed] = {}
        self._read_at_ms: dict[str, int] = {}

    def keep(self, context: RankContext, contact: ContactState) -> None:
        """Store a contact that was just read; every ten seconds also read which contacts have snoozed products."""
        tenant, now_ms = context.store.tenant.name, context.now_ms
        key = (tenant, contact.digest, context.active.policy.name)
        with self._lock:
            self._read_at_ms[tenant] = now_ms
            self._contacts[key] = (now_ms, contact)
            self._contacts.move_to_end(key)
            if len(self._contacts) > MAX_CONTACTS:
                self._contacts.popitem(last=False)
        snoozed = self._snoozed.get(tenant)
        if snoozed is None or now_ms - snoozed.read_at_ms > SNOOZED_EVERY_MS:
            try:
                contacts = read_snoozed_contacts(context.store, now_ms)
            except StoreUnavailable:  # not needed for the list at hand
                contacts = None
            self._snoozed[tenant] = _Snoozed(now_ms, contacts)

    def changed(self, store: Store, contact_ids: set[str]) -> None:
        """Drop contacts that feedback has just changed, and treat them as snoozed until the next read."""
        tenant, digests = store.tenant.name, set(store.tenant.contacts(contact_ids))
        with self._lock:
            for key in [key for key in self._contacts if key[0] == tenant and key[1] in digests]:
                del self._contacts[key]
        snoozed = self._snoozed.get(tenant)
        if snoozed is not None and snoozed.contacts is not None:
            self._snoozed[tenant] = _Snoozed(snoozed.read_at_ms, snoozed.contacts | digests)

    def stand_in(self, context: RankContext) -> tuple[ContactState, Degraded]:
        """Return the copy of a contact to answer from while Redis is away.

        Raises
        ------
        StoreUnavailable
            A list could hold a suppressed product.

        """
        request, active, now_ms = context.request, context.active, context.now_ms
        tenant, digest = context.store.tenant.name, context.store.tenant.contact(request.contact_id)
        last_ms = self._read_at_ms.get(tenant)
        if last_ms is None or now_ms - last_ms > MAX_STALE_MS:
            raise _refuse("this process has read nothing of the tenant in the last 8 days")
        if active.plan.rulebook.limits:
            raise _refuse("the policy limits past events, and those cannot be counted now")
        read_at_ms, contact = self._contacts.get((tenant, digest, active.policy.name), (0, None))
        too_old = last_ms - read_at_ms > READ_BEFORE_MS
        if contact is None or too_old or self._may_be_snoozed_since(tenant, digest, read_at_ms):
            self._require_harmless(tenant, digest, active, inline=request.candidates is not None)
            read_at_ms, contact = last_ms, ContactState.unknown(digest)
        age_seconds = round((now_ms - read_at_ms) / 1000, 3)
        return contact, Degraded("store_unavailable", context.snapshot.version_name, age_seconds)

    def _may_be_snoozed_since(self, tenant: str, digest: bytes, read_at_ms: int) -> bool:
        snoozed = self._snoozed.get(tenant)
        if snoozed is None or snoozed.contacts is None:
            return True
        return read_at_ms < snoozed.read_at_ms and digest in snoozed.contacts

    def _require_harmless(self, tenant: str, digest: bytes, active: ActivePolicy, *, inline: bool) -> None:
        if not inline:
            raise _refuse("this process has not read the contact's scores lately; send candidates with scores")
        snoozed = self._snoozed.get(tenant)
        if snoozed is None or snoozed.contacts is None or digest in snoozed.contacts:
            raise _refuse("a product may rest for this contact, and which cannot be read now")
        asked = sorted(
            name for name in active.columns if name in ASKS_OF_CONTACT or name.startswith(("contact.", "days_"))
        )
        if asked:
            raise _refuse(f"the policy's rules ask for {asked[0]}, which cannot be read now")


def _refuse(reason: str) -> StoreUnavailable:
    return StoreUnavailable(f"Redis is away, and no list can be trusted: {reason}", code="store_away")
