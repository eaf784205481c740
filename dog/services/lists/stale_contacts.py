"""What a process holds of contacts for the time when Redis is away; suppressions fail closed.

A contact read shortly before Redis went is answered from what was read: nobody can have changed it since,
because nothing is written without Redis; where another process took a discard in between, the contacts known to have
a product at rest tell. Any other is answered only from candidates in the request, only where no
product rests for it, and only by a policy that asks nothing of the contact; else not at all.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from dog.core.records import OUTCOME, PAIRS, VERDICT
from dog.errors import StoreUnavailable
from dog.services.lists.read_contact import ContactState
from dog.services.lists.snapshot import ActivePolicy
from dog.storage.contacts import read_snoozed_contacts
from dog.storage.store import Store

MOST_CONTACTS = 2_000
READ_BEFORE_MS = 10 * 60_000
"""How long before Redis went a contact may have been read: others may have changed it in between."""
MAX_STALE_MS = 8 * 86_400_000
RESTING_EVERY_MS = 10_000
ASKS_OF_CONTACT = frozenset({"pitches", "wins", "win_rate", "multiplier"})


@dataclass(frozen=True, slots=True)
class Degraded:
    """Why an answer is not of this moment."""

    reason: str
    version: str | None
    age_s: float

    def to_document(self) -> dict[str, object]:
        """Write it as JSON."""
        return {"reason": self.reason, "version": self.version, "age_s": self.age_s}


@dataclass(frozen=True, slots=True)
class _Resting:
    read_at_ms: int
    contacts: frozenset[bytes] | None  # None: they could not be read


class StaleContactCache:
    """Contacts read lately, and which contacts have a product at rest, by tenant."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: OrderedDict[tuple[str, bytes, str], tuple[int, ContactState]] = OrderedDict()
        self._resting: dict[str, _Resting] = {}
        self._read_at_ms: dict[str, int] = {}

    def keep(self, store: Store, policy: str, state: ContactState, now_ms: int) -> None:
        """Keep what was just read of a contact; every ten seconds also learn which contacts have products at rest."""
        tenant, key = store.tenant.name, (store.tenant.name, state.digest, policy)
        with self._lock:
            self._read_at_ms[tenant] = now_ms
            self._states[key] = (now_ms, state)
            self._states.move_to_end(key)
            if len(self._states) > MOST_CONTACTS:
                self._states.popitem(last=False)
        resting = self._resting.get(tenant)
        if resting is None or now_ms - resting.read_at_ms > RESTING_EVERY_MS:
            try:
                contacts = read_snoozed_contacts(store, now_ms)
            except StoreUnavailable:  # the list itself was read, and needs nothing of this
                contacts = None
            self._resting[tenant] = _Resting(now_ms, contacts)

    def changed(self, store: Store, contact_ids: set[str]) -> None:
        """Forget contacts that feedback has just touched, and take them for resting until the next look."""
        tenant, digests = store.tenant.name, {store.tenant.contact(contact_id) for contact_id in contact_ids}
        with self._lock:
            for key in [key for key in self._states if key[0] == tenant and key[1] in digests]:
                del self._states[key]
        resting = self._resting.get(tenant)
        if resting is not None and resting.contacts is not None:
            self._resting[tenant] = _Resting(resting.read_at_ms, resting.contacts | digests)

    def stand_in(
        self, store: Store, active: ActivePolicy, version: str | None, contact_id: str, *, inline: bool, now_ms: int
    ) -> tuple[ContactState, Degraded]:
        """Find what an answer can stand on while Redis is away.

        Raises
        ------
        StoreUnavailable
            Nothing that could be trusted not to hold a suppressed product.

        """
        tenant, digest = store.tenant.name, store.tenant.contact(contact_id)
        last_ms = self._read_at_ms.get(tenant)
        if last_ms is None or now_ms - last_ms > MAX_STALE_MS:
            raise _refuse("this process has read nothing of the tenant in the last 8 days")
        if active.rulebook.limits:
            raise _refuse("the policy limits past events, and those cannot be counted now")
        read_at_ms, state = self._states.get((tenant, digest, active.policy.name), (0, None))
        if state is None or last_ms - read_at_ms > READ_BEFORE_MS or self._may_rest_since(tenant, digest, read_at_ms):
            self._require_harmless(tenant, digest, active, inline=inline)
            read_at_ms, state = last_ms, _unknown(digest)
        return state, Degraded("store_unavailable", version, round((now_ms - read_at_ms) / 1000, 3))

    def _may_rest_since(self, tenant: str, digest: bytes, read_at_ms: int) -> bool:
        resting = self._resting.get(tenant)
        if resting is None or resting.contacts is None:
            return True
        return read_at_ms < resting.read_at_ms and digest in resting.contacts

    def _require_harmless(self, tenant: str, digest: bytes, active: ActivePolicy, *, inline: bool) -> None:
        if not inline:
            raise _refuse("this process has not read the contact's scores lately; send candidates with scores")
        resting = self._resting.get(tenant)
        if resting is None or resting.contacts is None or digest in resting.contacts:
            raise _refuse("a product may rest for this contact, and which cannot be read now")
        asked = sorted(
            name for name in active.columns if name in ASKS_OF_CONTACT or name.startswith(("contact.", "days_"))
        )
        if asked:
            raise _refuse(f"the policy's rules ask for {asked[0]}, which cannot be read now")


def _refuse(reason: str) -> StoreUnavailable:
    return StoreUnavailable(f"Redis is away, and no list can be trusted: {reason}", code="store_away")


def _unknown(digest: bytes) -> ContactState:
    return ContactState(digest, None, {}, 0, 0, np.zeros(0, PAIRS), np.zeros(0, VERDICT), np.zeros(0, OUTCOME))
