"""What one request needs of a contact, read in one round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Self

import numpy as np
import orjson

from dog.core.records import OUTCOME, PAIRS, PURCHASES, VERDICT
from dog.core.verdicts.triggers import ContactVerdicts, read_verdicts
from dog.errors import NotFound
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.snapshot import Head, Snapshot
from dog.storage.choice_records import CHOICES, unpack_choices
from dog.storage.contact_reads import ContactReads
from dog.storage.keys import TenantKeys
from dog.storage.packed_scores import unpack_scores
from dog.storage.pair_records import unpack_pairs
from dog.storage.store import Store


@dataclass(kw_only=True)  # not frozen: one is made for each list, and takes a fifth of the time
class ContactState:
    """A contact as Redis has it now."""

    digest: bytes
    record: Mapping[str, Any] | None  # None: never loaded, no feedback
    packed_scores: Mapping[str, bytes | None]  # by model, as `pack_scores` packs them; None where it has none
    laps: int
    recursions: int
    pairs: np.ndarray  # records of PAIRS in the order of product numbers
    verdict_ledger: np.ndarray
    outcome_ledger: np.ndarray
    choices: np.ndarray  # records of VALUE_COUNTS: its pitches by channel and time
    purchases: np.ndarray | None  # records of PURCHASES in the order of product numbers; None: none were loaded

    @classmethod
    def unknown(cls, digest: bytes) -> Self:
        """Return a contact of which nothing is known."""
        return cls.unpack(
            digest, record=None, scores={}, laps=0, multipliers=None, verdicts=None, outcomes=None, purchases=None
        )

    @classmethod
    def unpack(
        cls,
        digest: bytes,
        *,
        record: Mapping[str, Any] | None,
        scores: Mapping[str, bytes | None],
        laps: int,
        multipliers: bytes | None,
        choices: bytes | None = None,
        verdicts: bytes | None,
        outcomes: bytes | None,
        purchases: bytes | None,
    ) -> Self:
        """Return a contact from the values that Redis stores, None for those it lacks."""
        _, recursions, pairs = unpack_pairs(multipliers) if multipliers else (0, 0, NO_PAIRS)
        return cls(
            digest=digest,
            record=record,
            packed_scores=scores,
            laps=laps,
            recursions=recursions,
            pairs=pairs,
            verdict_ledger=np.frombuffer(verdicts, VERDICT) if verdicts else NO_VERDICTS,
            outcome_ledger=np.frombuffer(outcomes, OUTCOME) if outcomes else NO_OUTCOMES,
            choices=unpack_choices(choices),
            purchases=None if purchases is None else np.frombuffer(purchases, PURCHASES),
        )

    @cached_property
    def scores(self) -> dict[str, tuple[int, np.ndarray]]:
        """As_of in milliseconds since 1970 and records of `SCORES`, by model."""
        return {model: unpack_scores(packed) for model, packed in self.packed_scores.items() if packed}

    @cached_property
    def verdicts(self) -> ContactVerdicts | None:
        """The contact's verdicts by scope; None where there are none, the usual case."""
        return read_verdicts(self.verdict_ledger) if len(self.verdict_ledger) else None


NO_PAIRS, NO_VERDICTS, NO_OUTCOMES, NO_PURCHASES = (np.zeros(0, kind) for kind in (PAIRS, VERDICT, OUTCOME, PURCHASES))


def has_learned_values(active: ActivePolicy | None) -> bool:
    """Return whether the active version holds what was learned of channels and times."""
    return active is not None and active.multipliers is not None and bool(active.multipliers.values)


def read_contact(
    store: Store, snapshot: Snapshot, contact_id: str, policy: str | None = None
) -> tuple[Head, ContactState]:
    """Read a contact, and the head that shows whether the snapshot is still current.

    Raises
    ------
    NotFound
        The contact was erased.

    """
    head, (state,) = read_each(store, snapshot, [contact_id], policy)
    if state is None:
        raise NotFound(f"contact '{contact_id}' was erased", code="contact_erased")
    return head, state


def read_each(
    store: Store, snapshot: Snapshot, contact_ids: Sequence[str], policy: str | None
) -> tuple[Head, list[ContactState | None]]:
    """Read one or more contacts as `read_contact` does, in one round trip; None stands for those that were erased."""
    active = snapshot.find_policy(policy)
    models = tuple(active.stored_models) if active else ()
    suffix = f"{snapshot.version_name or '-'}:{active.multipliers_of if active else policy}"
    learned, trip, digests = has_learned_values(active), store.trip(), list[bytes]()
    for contact_id in contact_ids:
        digest, mark = store.tenant.contact_and_tombstone(contact_id)
        reads = _contact_reads(store.tenant.name, store.tenant.partition_number(digest), suffix, models, learned)
        if not digests:
            trip.add_known(reads.head, snapshot.known_head, "HGETALL", reads.head_key)
        trip.add_packed(reads.key, reads.of_contact(digest, mark), reads.answers)
        digests.append(digest)
    head, *found = trip.send()
    states = (_unpack(digest, models, own, learned=learned) for digest, own in zip(digests, found, strict=True))
    return head, list(states)


def _unpack(digest: bytes, models: Sequence[str], found: Sequence[Any], *, learned: bool) -> ContactState | None:
    """Return a contact from what the script answers; None where it was erased."""
    verdicts, outcomes, record, laps, purchases, multipliers, *scores, erased = found
    if erased:
        return None
    return ContactState.unpack(
        digest,
        record=None if record is None else orjson.loads(record),
        scores=dict(zip(models, scores, strict=False)),  # behind them choices, if any
        laps=int(laps or 0),
        multipliers=multipliers,
        choices=scores[-1] if learned else None,
        verdicts=verdicts,
        outcomes=outcomes,
        purchases=purchases,
    )


@lru_cache(maxsize=4096)  # some policies in the partitions of some tenants
def _contact_reads(tenant: str, partition: int, suffix: str, models: tuple[str, ...], learned: bool) -> ContactReads:
    hashes = [("contacts", ""), ("laps", ""), ("purchases", ""), ("multipliers", suffix)]
    hashes += [("scores", model) for model in models]
    if learned:
        hashes.append((CHOICES, suffix))
    return ContactReads.of(TenantKeys(tenant), partition, hashes)
