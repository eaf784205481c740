"""Read the settled pitches of contacts, with what each contact is and what it bought: the cases of the memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import orjson

from dog.core.events import EventType
from dog.core.learning.event_states import OPEN, WON
from dog.core.learning.ledger_chunk import LedgerChunk, outcome_pairs
from dog.core.learning.pitch_results import results
from dog.core.offers import latest_last
from dog.core.records import pitch_log_ratios
from dog.offline.history.read_purchases import NO_WINS, bought_or_won, wins_by_contact
from dog.storage.ledgers import read_chunks
from dog.storage.store import Store

MOST_PITCHES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseContact:
    """A contact with its attributes and purchases, wins included, in the order of time."""

    digest: bytes
    record: Mapping[str, Any]
    product: np.ndarray
    at_ms: np.ndarray

    def bought_before(self, at_ms: float) -> np.ndarray:
        """Return the products that it bought before an instant, each once, the latest last."""
        return latest_last(self.product[self.at_ms < at_ms])


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePitches:
    """Pitches with a score that were settled, shape (pitches,)."""

    contact: np.ndarray  # place among the contacts
    product: np.ndarray
    at_ms: np.ndarray
    score: np.ndarray
    product_log_ratio: np.ndarray  # ln r_j as known when pitched
    pair_log_ratio: np.ndarray  # ln r_ij
    won: np.ndarray  # 1 or 0
    early: np.ndarray  # whether it was settled by the middle of the history

    def take(self, rows: np.ndarray) -> "CasePitches":
        """Return some of the pitches, by mask."""
        return CasePitches(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """The contacts with settled pitches, and the middle of the history: half of the pitches were made before it."""

    contacts: Sequence[CaseContact]
    pitches: CasePitches
    middle_ms: float

    def in_order(self, pitches: CasePitches) -> list[int]:
        """Return the places of the contacts of some pitches, in the order of their last one."""
        last = np.zeros(len(self.contacts), np.int64)
        np.maximum.at(last, pitches.contact, pitches.at_ms)
        own = np.unique(pitches.contact).tolist()
        return sorted(own, key=lambda place: (last[place], self.contacts[place].digest))


def read_cases(store: Store, now_ms: int, maturation_ms: int) -> Cases:
    """Read the settled pitches of contacts, partition by partition, until there are `MOST_PITCHES` of them.

    Contacts are spread over partitions by a keyed hash, so that the first partitions are a random sample.
    """
    chunks, count = [], 0
    for partition in range(store.tenant.partition_count):
        for chunk in read_chunks(store, None, [partition]):
            chunks.append(chunk)
            count += int(_is_scored(chunk).sum())
        if count >= MOST_PITCHES:
            break
    times = np.concatenate([np.zeros(0), *(chunk.outcomes["at"][_is_scored(chunk)] for chunk in chunks)])
    middle_ms = float(np.median(times)) if len(times) else 0.0
    contacts: list[CaseContact] = []
    parts = []
    for chunk in chunks:
        found = _settled(chunk, int(middle_ms), now_ms, maturation_ms)
        own, places = np.unique(found.contact, return_inverse=True)
        parts.append(replace(found, contact=places + len(contacts)))
        contacts += _contacts(store, chunk, own)
    return Cases(contacts=contacts, pitches=_join(parts), middle_ms=middle_ms)


def _is_scored(chunk: LedgerChunk) -> np.ndarray:
    outcomes = chunk.outcomes
    return np.asarray((outcomes["type"] == EventType.PITCH) & ~np.isnan(outcomes["score"]))


def _settled(chunk: LedgerChunk, middle_ms: int, now_ms: int, maturation_ms: int) -> CasePitches:
    outcomes = chunk.outcomes
    pair, nothing = outcome_pairs(chunk.starts, len(outcomes)), np.zeros(len(outcomes), bool)
    now, early = (results(outcomes, pair, nothing, at_ms, maturation_ms) for at_ms in (now_ms, middle_ms))
    rows = np.flatnonzero(_is_scored(chunk) & (now != OPEN))
    pitches = outcomes.take(rows)
    of_product, of_pair = pitch_log_ratios(pitches)
    return CasePitches(
        contact=chunk.contact[pair[rows]].astype(np.int64),
        product=pitches["product"].astype(np.int64),
        at_ms=pitches["at"].astype(np.int64),
        score=pitches["score"].astype(np.float64),
        product_log_ratio=of_product.astype(np.float64),
        pair_log_ratio=of_pair.astype(np.float64),
        won=(now[rows] == WON).astype(np.float64),
        early=early[rows] != OPEN,
    )


def _join(parts: Sequence[CasePitches]) -> CasePitches:
    kinds = {"contact": np.int64, "product": np.int64, "at_ms": np.int64, "early": np.bool_}
    return CasePitches(
        **{
            one.name: np.concatenate(
                [np.zeros(0, kinds.get(one.name, np.float64)), *(getattr(part, one.name) for part in parts)]
            )
            for one in fields(CasePitches)
        }
    )


def _contacts(store: Store, chunk: LedgerChunk, places: np.ndarray) -> Iterator[CaseContact]:
    """Yield some contacts of a chunk of one partition."""
    if not len(places):
        return
    digests = [bytes(chunk.contacts.digests[place]) for place in places.tolist()]
    keys = store.keys.partition(chunk.contacts.partitions[0])
    records, packed = store.execute_all(("HMGET", keys.of(name), *digests) for name in ("contacts", "transactions"))
    won = wins_by_contact(chunk)
    for place, digest, record, bought in zip(places.tolist(), digests, records, packed, strict=True):
        product, at_ms = bought_or_won(bought, won.get(place, NO_WINS))
        order = np.lexsort((product, at_ms))
        yield CaseContact(
            digest=digest, record=orjson.loads(record or b"{}"), product=product[order], at_ms=at_ms[order]
        )
