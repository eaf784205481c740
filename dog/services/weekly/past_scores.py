"""A bounded sample of past pitches with the scores that the models gave them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from dog.core.events import EventType
from dog.core.learning.event_states import OPEN
from dog.core.learning.ledger_chunk import LedgerChunk, outcome_pairs
from dog.core.learning.pitch_results import results
from dog.storage.catalogue import read_models
from dog.storage.contacts import read_arrays, select_scores
from dog.storage.event_log import read_scores_of_entry
from dog.storage.ledgers import read_chunks
from dog.storage.packed_scores import unpack_scores
from dog.storage.store import Store

MAX_PITCHES = 50_000
NEVER_MS = 1 << 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PastScores:
    """Pitches of some contacts, arrays of shape (pitches,).

    Parameters
    ----------
    contact
        Digest of each pitch's contact.
    product, at_ms, result
        Number of the product, time (milliseconds since 1970), and what became of it (`pitch_results.results`).
    recorded, load
        By model, the raw score at pitch time, NaN where none was recorded; and the number of the loads it is of.
    current, known_from_ms
        By model, the score stored now, NaN where there is none; and the time from which on it knows no outcome.

    """

    contact: np.ndarray
    product: np.ndarray
    at_ms: np.ndarray
    result: np.ndarray
    recorded: Mapping[str, np.ndarray]
    load: np.ndarray
    current: Mapping[str, np.ndarray]
    known_from_ms: Mapping[str, np.ndarray]

    def settled(self, now_ms: int, maturation_ms: int) -> np.ndarray:
        """Mark the pitches that are won, lost, or so old that they count as lost."""
        matured = (self.result == OPEN) & (self.at_ms <= now_ms - maturation_ms)
        return np.asarray((self.result != OPEN) | matured)


def read_past_scores(store: Store, models: Sequence[str]) -> PastScores:
    """Read the pitches of contacts, partition by partition, until there are 50,000: always the same contacts.

    Contacts are spread over partitions by a keyed hash, so that the first are a random sample of all.
    """
    parts: list[_Part] = []
    count = 0
    until_ms = _known_from_ms(store)
    for partition in range(store.tenant.partition_count):
        for chunk in read_chunks(store, None, [partition]):
            parts.append(_read_part(store, chunk, models, until_ms))
            count += len(parts[-1].result)
        if count >= MAX_PITCHES:
            break
    return _join(parts, models)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    contact: np.ndarray
    product: np.ndarray
    at_ms: np.ndarray
    result: np.ndarray
    load: np.ndarray
    raw: np.ndarray  # shape (3, models, pitches): recorded, current, known from


def _known_from_ms(store: Store) -> Mapping[str, int]:
    """Return for each model until when its current scores were fitted, where that is known."""
    records = read_models(store)
    known = {model: record.get("trained_until_ms") for model, record in records.items()}
    return {model: at_ms for model, at_ms in known.items() if at_ms is not None}


def _read_part(store: Store, chunk: LedgerChunk, models: Sequence[str], until_ms: Mapping[str, int]) -> _Part:
    outcomes = chunk.outcomes
    of_event = outcome_pairs(chunk.starts, len(outcomes))
    result = results(outcomes, of_event, np.zeros(len(outcomes), bool), NEVER_MS, 2 * NEVER_MS)
    rows = np.flatnonzero((outcomes["type"] == EventType.PITCH) | (result != OPEN))  # implied pitches, too
    pair = of_event[rows]
    owner, product = chunk.contact[pair].astype(np.int64), chunk.product[pair]
    digests = chunk.contacts.digests
    raw = np.full((3, len(models), len(rows)), np.nan)
    load = np.zeros(len(rows), np.int64)
    _add_recorded(store, chunk, rows, owner, models, raw[0], load)
    by_owner = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[by_owner], np.arange(len(digests) + 1)).tolist()
    for place, model in enumerate(models):
        for number, packed in enumerate(read_arrays(store, "scores", model, digests.tolist())):
            own = by_owner[bounds[number] : bounds[number + 1]]
            if packed is not None and len(own):
                as_of_ms, scores = unpack_scores(packed)
                raw[1, place, own] = select_scores(scores, product[own])
                raw[2, place, own] = min(as_of_ms, until_ms.get(model, as_of_ms))
    at_ms = outcomes["at"][rows].astype(np.int64)
    return _Part(
        contact=digests[owner], product=product.astype(np.int64), at_ms=at_ms, result=result[rows], load=load, raw=raw
    )


def _add_recorded(
    store: Store,
    chunk: LedgerChunk,
    rows: np.ndarray,
    owner: np.ndarray,
    models: Sequence[str],
    raw: np.ndarray,
    load: np.ndarray,
) -> None:
    """Fill in what the log entries of pitches say; pitches without a consolidated score have none."""
    pitches = chunk.outcomes[rows]
    scored = np.flatnonzero((pitches["type"] == EventType.PITCH) & ~np.isnan(pitches["score"]))
    if not len(scored):
        return
    scored = scored[np.argsort(owner[scored], kind="stable")]  # one command a contact
    places = {model: place for place, model in enumerate(models)}
    fields = [event.to_bytes(8, "little") for event in pitches["event"][scored].tolist()]
    digests = chunk.contacts.digests.tolist()
    bounds = np.searchsorted(owner[scored], np.arange(len(digests) + 1)).tolist()
    spans = [(digest, own) for digest, own in zip(digests, pairwise(bounds), strict=True) if own[0] < own[1]]
    entries = store.execute_all(
        ("HMGET", store.tenant.partition(digest).contact("log", digest), *fields[first:end])
        for digest, (first, end) in spans
    )
    for place, entry in zip(scored.tolist(), chain.from_iterable(entries), strict=True):
        load[place], scores = read_scores_of_entry(entry)
        for model, score in scores.items():
            if model in places:
                raw[places[model], place] = score


def _join(parts: Sequence[_Part], models: Sequence[str]) -> PastScores:
    def column(name: str, empty: np.ndarray) -> np.ndarray:
        return np.concatenate([empty, *(getattr(part, name) for part in parts)])[:MAX_PITCHES]

    raw = np.concatenate([np.zeros((3, len(models), 0)), *(part.raw for part in parts)], axis=2)[:, :, :MAX_PITCHES]
    recorded, current, known_from = ({model: rows[place] for place, model in enumerate(models)} for rows in raw)
    return PastScores(
        contact=np.concatenate([part.contact for part in parts])[:MAX_PITCHES] if parts else np.zeros(0, "V16"),
        product=column("product", np.zeros(0, np.int64)),
        at_ms=column("at_ms", np.zeros(0, np.int64)),
        result=column("result", np.zeros(0, np.int8)),
        load=column("load", np.zeros(0, np.int64)),
        recorded=recorded,
        current=current,
        known_from_ms=known_from,
    )
