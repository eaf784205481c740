"""Read what contacts bought and what they took from offers, with the attributes of the contacts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import orjson

from dog.core.iso_weeks import SECOND_MS
from dog.core.learning.ledger_chunk import LedgerChunk
from dog.core.offers import is_won, latest_last
from dog.core.records import OUTCOME
from dog.services.run_records import fingerprint
from dog.storage.contacts import TRANSACTIONS
from dog.storage.ledgers import read_chunks
from dog.storage.store import Store
from dog.storage.stretches import read_hashes

NO_WINS = np.zeros(0, OUTCOME)


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseEvents:
    """Purchases and wins of contacts, arrays of shape (events,), and the records of the contacts."""

    contact: np.ndarray  # index of the contact
    product: np.ndarray  # number of the product
    at_ms: np.ndarray
    records: Sequence[Mapping[str, Any]]
    digests: Sequence[bytes] = ()  # of the contacts

    @property
    def fingerprint(self) -> str:
        """A hash of who bought what and when: equal for the same events."""
        return fingerprint(self.contact, self.product, self.at_ms)

    def before(self, at_ms: int) -> "PurchaseEvents":
        """Return the events before an instant."""
        kept = self.at_ms < at_ms
        return replace(self, contact=self.contact[kept], product=self.product[kept], at_ms=self.at_ms[kept])

    def by_contact(self) -> list[np.ndarray]:
        """Return the products of each contact, each once, the latest last."""
        order = np.lexsort((self.at_ms, self.contact))
        bounds = np.searchsorted(self.contact[order], np.arange(len(self.records) + 1)).tolist()
        return [latest_last(self.product[order[first:last]]) for first, last in pairwise(bounds)]


def read_purchases(store: Store, most_contacts: int | None = None) -> PurchaseEvents:
    """Read the purchases and wins of contacts, partition by partition, until there are enough contacts; None: all.

    Contacts are spread over partitions by a keyed hash, so that the first partitions are a random sample.
    """
    contacts, products, times = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    records: list[Mapping[str, Any]] = []
    digests: list[bytes] = []
    for partition in range(store.tenant.partition_count):
        for digest, record, bought, at_ms in _read_partition(store, partition):
            contacts.append(np.full(len(bought), len(records)))
            products.append(bought)
            times.append(at_ms)
            records.append(record)
            digests.append(digest)
        if most_contacts is not None and len(records) >= most_contacts:
            break
    return PurchaseEvents(
        contact=np.concatenate(contacts),
        product=np.concatenate(products),
        at_ms=np.concatenate(times),
        records=records,
        digests=digests,
    )


def _read_partition(store: Store, partition: int) -> Iterator[tuple[bytes, Mapping[str, Any], np.ndarray, np.ndarray]]:
    """Yield digest, record, products and times of each contact that bought or won something."""
    keys = store.keys.partition(partition)
    packed, known = read_hashes(store, [keys.of(name) for name in ("transactions", "contacts")])
    won = {
        bytes(chunk.contacts.digests[number]): wins
        for chunk in read_chunks(store, None, [partition])
        for number, wins in wins_by_contact(chunk).items()
    }
    for digest in sorted(packed.keys() | won.keys()):
        products, at_ms = bought_or_won(packed.get(digest), won.get(digest, NO_WINS))
        if len(products):
            yield digest, orjson.loads(known.get(digest, b"{}")), products, at_ms


def wins_by_contact(chunk: LedgerChunk) -> dict[int, np.ndarray]:
    """Return the wins of each contact of a chunk that has some, records of `OUTCOME`, by the contact's number."""
    won = np.flatnonzero(is_won(chunk.outcomes))
    owner = chunk.contact[np.searchsorted(chunk.starts, won, side="right") - 1]  # ascending, as the pairs are
    numbers, first = np.unique(owner, return_index=True)
    return dict(zip(numbers.tolist(), np.split(chunk.outcomes[won], first[1:]), strict=True)) if len(won) else {}


def bought_or_won(transactions: bytes | None, wins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the products of a contact's purchases, then of its wins, and the times of both; returns are left out."""
    rows = np.frombuffer(transactions or b"", TRANSACTIONS)
    rows = rows[rows["quantity"] > 0]
    products = np.concatenate([rows["product"].astype(np.int64), wins["product"].astype(np.int64)])
    return products, np.concatenate([rows["at"].astype(np.int64) * SECOND_MS, wins["at"].astype(np.int64)])
