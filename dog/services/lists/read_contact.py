"""All that one request needs of a contact, read in one round trip."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from dog.core.records import OUTCOME, PAIRS, VERDICT
from dog.core.verdicts.triggers import Verdicts, read_verdicts
from dog.errors import NotFound
from dog.services.lists.snapshot import Head, Snapshot
from dog.storage.contacts import unpack_scores
from dog.storage.ids import tombstone
from dog.storage.pair_records import unpack_pairs
from dog.storage.store import Store


@dataclass(frozen=True, slots=True)
class ContactState:
    """A contact as Redis holds it now."""

    digest: bytes
    record: Mapping[str, Any] | None  # None: never loaded, no feedback
    scores: Mapping[str, tuple[int, np.ndarray]]  # by model: as_of in milliseconds, records of SCORES
    laps: int
    recursions: int
    pairs: np.ndarray  # records of PAIRS in the order of product numbers
    verdict_ledger: np.ndarray
    outcome_ledger: np.ndarray

    @property
    def verdicts(self) -> Verdicts | None:
        """What the contact's verdicts say; None where there are none, the usual case."""
        return read_verdicts(self.verdict_ledger) if len(self.verdict_ledger) else None


def read_contact(store: Store, snapshot: Snapshot, contact_id: str, policy: str) -> tuple[Head, ContactState]:
    """Read a contact, and the head that tells whether the snapshot is still the newest."""
    digest = store.tenant.contact(contact_id)
    keys = store.tenant.partition(digest)
    active = snapshot.policies.get(policy)
    models = list(active.policy.models) if active else []
    source = active.multipliers_of if active else policy
    version = snapshot.version.version if snapshot.version else "-"
    trip = store.trip()
    trip.add("HGETALL", store.keys.of("head"))
    strings = [keys.contact("verdicts", digest), keys.contact("outcomes", digest)]
    hashes = [keys.of("contacts"), keys.of("laps"), keys.of("multipliers", f"{version}:{source}")]
    hashes += [keys.of("scores", model) for model in models]
    mark = tombstone(store.tenant.secret, digest)
    trip.script("read_contact", [keys.of("erased"), *strings, *hashes], [digest, mark, len(strings)])
    head, (erased, verdicts, outcomes, record, laps, multipliers, *scores) = trip.send()
    if erased:
        raise NotFound(f"contact '{contact_id}' was erased", code="contact_erased")
    _, recursions, pairs = unpack_pairs(multipliers) if multipliers else (0, 0, np.zeros(0, PAIRS))
    state = ContactState(
        digest,
        None if record is None else orjson.loads(record),
        {model: unpack_scores(packed) for model, packed in zip(models, scores, strict=True) if packed},
        int(laps or 0),
        recursions,
        pairs,
        np.frombuffer(verdicts or b"", VERDICT),
        np.frombuffer(outcomes or b"", OUTCOME),
    )
    return head, state
