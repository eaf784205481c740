"""The history of one partition, from its ledgers and archived weeks: what one task reads."""

from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from dog.core.events import Attribute, EventType, Trigger
from dog.core.records import NO_PRODUCT, pair_keys
from dog.offline.history.archived_events import read_archived
from dog.offline.history.pair_streaks import streaks_before
from dog.offline.history.pitches import settle_pitches
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archived_files
from dog.storage.catalogue import read_catalogue
from dog.storage.event_log import read_variants
from dog.storage.ledgers import Records, read_records
from dog.storage.store import Store

CONTACTS_PER_TRIP = 5_000
OUTCOME_TYPES = (EventType.PITCH, EventType.WIN, EventType.LOSS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionHistory:
    """The resolved pitches of a partition, records of `RESOLVED`, and the contacts and variants that they index.

    `contacts` are digests; `segments` are empty where not known. `open_ms` is when each open pitch was made.
    """

    contacts: list[bytes]
    contact_ids: list[str]
    segments: list[str]
    variants: list[str]
    pitches: np.ndarray
    open_ms: NDArray[np.int64]


def read_partition(
    runtime: Runtime, partition: int, tenant: str, as_of_ms: int, maturation_ms: int
) -> PartitionHistory:
    """Read a partition's pitches with their outcomes and streaks, as known at an instant."""
    store = runtime.store(tenant)
    contacts, outcomes, verdicts, variants = _read_events(store, partition)
    outcomes = _chosen(outcomes, np.isin(outcomes.of["type"], OUTCOME_TYPES))
    verdicts = _chosen(verdicts, _about_pair(verdicts.of))
    known = np.unique(np.concatenate([outcomes.contact, verdicts.contact]))
    contacts = [contacts[place] for place in known.tolist()]
    outcomes, verdicts = (Records(some.of, np.searchsorted(known, some.contact)) for some in (outcomes, verdicts))
    pair = pair_keys(outcomes.contact, outcomes.of["product"])
    starts = np.flatnonzero(np.diff(pair, prepend=np.uint64(2**64 - 1)))
    pitches, open_ms = settle_pitches(
        outcomes.of,
        starts,
        outcomes.contact[starts],
        outcomes.of["product"][starts].astype(np.int64),
        as_of_ms=as_of_ms,
        maturation_ms=maturation_ms,
    )
    streaks = streaks_before(
        pair_keys(verdicts.contact, verdicts.of["product"]),
        verdicts.of["at"].astype(np.int64),
        verdicts.of["type"],
        pitched_pair=pair_keys(pitches["contact"], pitches["product"]),
        pitched_ms=pitches["at_ms"],
    )
    pitches["streak"], pitches["streak_days"] = streaks.length, streaks.days
    variants |= read_variants(store, partition, contacts)
    names = ["", *sorted(set(variants.values()))]
    if variants:
        places = {event: names.index(variant) for event, variant in variants.items()}
        pitches["variant"] = [places.get(event, 0) for event in pitches["event"].tolist()]
    contact_ids, segments = _read_contacts(store, partition, contacts)
    return PartitionHistory(
        contacts=contacts,
        contact_ids=contact_ids,
        segments=segments,
        variants=names,
        pitches=pitches,
        open_ms=open_ms,
    )


def _read_events(store: Store, partition: int) -> tuple[list[bytes], Records, Records, dict[int, str]]:
    """Read contacts, outcomes, verdicts (grouped by pair, those of a pair in their order), and variants by event."""
    contacts, outcomes, verdicts = read_records(store, partition)
    numbers, variants = {contact: number for number, contact in enumerate(contacts)}, dict[int, str]()
    of_outcomes, of_verdicts = [outcomes], [verdicts]
    # after the ledgers: an event is written to the archive before it leaves its ledger
    for name, content in archived_files(store, partition):
        with store.archive.reached(name):
            archived = read_archived(store, content, read_catalogue(store).numbers)
        variants |= archived.variants
        place = np.array([numbers.setdefault(contact, len(numbers)) for contact in archived.contacts], np.int64)
        for rows, kept in ((archived.outcomes, of_outcomes), (archived.verdicts, of_verdicts)):
            some = _chosen(rows, ~np.isin(rows.of["event"], kept[0].of["event"]) & (rows.of["product"] != NO_PRODUCT))
            kept.append(Records(some.of, place[some.contact]))
    return list(numbers), _by_pair(of_outcomes), _by_pair(of_verdicts), variants


def _by_pair(parts: list[Records]) -> Records:
    """Join records and group them by pair; archived ones come before those of the same instant."""
    of, contact = (
        np.concatenate(columns) for columns in zip(*((it.of, it.contact) for it in parts[::-1]), strict=True)
    )
    pair = pair_keys(contact, of["product"])
    order = np.argsort(pair, kind="stable") if len(parts) == 1 else np.lexsort((of["at"], pair))
    return Records(of[order], contact[order])


def _chosen(records: Records, chosen: NDArray[np.bool_]) -> Records:
    return Records(records.of[chosen], records.contact[chosen])


def _about_pair(verdicts: np.ndarray) -> NDArray[np.bool_]:
    """Mark the accepts and discards that are about the pair itself (see `dog.core.verdicts.triggers`)."""
    answers = np.isin(verdicts["type"], (EventType.ACCEPT, EventType.DISCARD)) & (verdicts["product"] != NO_PRODUCT)
    personal = np.isin(verdicts["trigger"], (Trigger.NONE, Trigger.PERFORMANCE))
    of_product = (verdicts["trigger"] == Trigger.DISCOMFORT) & (verdicts["attribute"] == Attribute.PRODUCT)
    return np.asarray(answers & (personal | of_product))


def _read_contacts(store: Store, partition: int, contacts: list[bytes]) -> tuple[list[str], list[str]]:
    """Read ids and segments of contacts; a contact without a record is named by its digest."""
    key, ids, segments = store.keys.partition(partition).of("contacts"), list[str](), list[str]()
    for start in range(0, len(contacts), CONTACTS_PER_TRIP):
        some = contacts[start : start + CONTACTS_PER_TRIP]
        for contact, packed in zip(some, store.execute("HMGET", key, *some), strict=True):
            record = orjson.loads(packed or b"{}")
            ids.append(record.get("contact_id") or contact.hex())
            segments.append(str(record.get("segment") or ""))
    return ids, segments
