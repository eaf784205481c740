"""The funnel of the last four weeks: which listed pairs were accepted, pitched and won, by what listed them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from typing import Any

import orjson

from dog.batched import batched
from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS
from dog.core.learning.event_states import WON
from dog.core.learning.pitch_cohorts import Outlook, list_pitches
from dog.core.receipt import strongest_model
from dog.services.desk.pitch_figures import MONTH_DAYS
from dog.storage.archived_decisions import every_archived
from dog.storage.catalogue import Catalogue
from dog.storage.contact_lists import scan_decision_keys
from dog.storage.contacts import read_arrays
from dog.storage.decisions import unpack_content
from dog.storage.ledgers import read_chunks, read_records
from dog.storage.store import Store

MOST_LISTS = 50_000
"""Of more lists than these a random sample is read: keys come in the order of a hash."""
LISTS_PER_TRIP = 200
CONTACTS_PER_TRIP = 5_000
DIMENSIONS = ("model", "channel", "product", "segment")


@dataclass(slots=True, kw_only=True)
class Stages:
    """How many listed contact-product pairs came how far."""

    listed: int = 0
    accepted: int = 0
    pitched: int = 0
    won: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFunnel:
    """The funnel of the lists that were read."""

    lists: int
    is_sample: bool
    total: Stages
    by: Mapping[str, Mapping[str, Stages]]  # by name of `DIMENSIONS`, then by value, '' where not known


@dataclass(slots=True, kw_only=True)  # not frozen: hundreds of thousands are made and marked
class ListedPair:
    """A pair: when it was listed first, what its last list says of it, and how far it came."""

    first_ms: int
    last_ms: int
    model: str
    channel: str
    accepted: bool = False
    pitched: bool = False
    won: bool = False


Pairs = dict[bytes, dict[str, ListedPair]]
"""By digest of the contact, then by product id."""


def read_list_funnel(
    store: Store,
    catalogue: Catalogue,
    outlook: Outlook,
    report: Callable[[float], None] = lambda _: None,
    most_lists: int = MOST_LISTS,
) -> ListFunnel:
    """Read the lists of the last four weeks and what became of their pairs."""
    since_ms, pairs, lists = outlook.as_of_ms - MONTH_DAYS * DAY_MS, Pairs(), 0
    for contact, content in _read_lists(store):
        at_ms = round(datetime.fromisoformat(content["generated_at"]).timestamp() * 1000)
        if at_ms < since_ms:
            continue
        add_list(pairs.setdefault(contact, {}), content["items"], at_ms)
        lists += 1
        if lists >= most_lists:
            break
        report(lists / most_lists / 2)
    if pairs:
        _mark_accepted(store, catalogue, pairs, lambda share: report(0.5 + share / 4))
        _mark_pitched(store, catalogue, outlook, pairs)
    rows = list(_describe(store, pairs))
    return ListFunnel(
        lists=lists,
        is_sample=lists >= most_lists,
        total=count_stages(("", pair) for _, pair in rows).get("", Stages()),
        by={name: count_stages((values[name], pair) for values, pair in rows) for name in DIMENSIONS},
    )


def add_list(own: dict[str, ListedPair], items: Iterable[Mapping[str, Any]], at_ms: int) -> None:
    """Add a contact's list to the contact's pairs."""
    for item in items:
        known = own.get(item["product_id"])
        if known is not None and at_ms < known.last_ms:
            known.first_ms = min(known.first_ms, at_ms)
            continue
        own[item["product_id"]] = ListedPair(
            first_ms=known.first_ms if known else at_ms,
            last_ms=at_ms,
            model=intern(strongest_model(item.get("factors", {}).get("models", {})) or ""),
            channel=intern(item.get("attributes", {}).get("channel") or ""),
        )


def count_stages(rows: Iterable[tuple[str, ListedPair]]) -> dict[str, Stages]:
    """Count pairs by a value and by how far they came."""
    found: dict[str, Stages] = {}
    for value, pair in rows:
        stages = found.setdefault(value, Stages())
        stages.listed += 1
        stages.accepted += pair.accepted
        stages.pitched += pair.pitched
        stages.won += pair.won
    return found


def _read_lists(store: Store) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield the contact's digest and the content of each kept decision."""
    seen: set[bytes] = set()
    for keys in batched(scan_decision_keys(store), LISTS_PER_TRIP):
        new = [key for key in keys if key not in seen]  # a scan may return a key twice
        seen.update(new)
        for packed in store.execute_all(("GET", key) for key in new):
            if packed is not None:
                yield packed[8:24], unpack_content(packed)
    for row in every_archived(store):
        yield row.record[8:24], unpack_content(row.record)


def _mark_accepted(store: Store, catalogue: Catalogue, pairs: Pairs, report: Callable[[float], None]) -> None:
    for partition in range(store.tenant.partition_count):
        members, _, verdicts = read_records(store, partition)
        accepted = verdicts.of["type"] == EventType.ACCEPT
        records, contacts = verdicts.of[accepted], verdicts.contact[accepted].tolist()
        for contact, product, at_ms in zip(contacts, records["product"].tolist(), records["at"].tolist(), strict=True):
            if pair := _listed_before(pairs.get(members[contact], {}), catalogue, product, at_ms):
                pair.accepted = True
        report((partition + 1) / store.tenant.partition_count)


def _mark_pitched(store: Store, catalogue: Catalogue, outlook: Outlook, pairs: Pairs) -> None:
    for chunk in read_chunks(store):
        pitches = list_pitches(chunk, outlook)
        owners = chunk.contacts.digests[chunk.contact[pitches.pair]].tolist()
        columns = (pitches.product.tolist(), pitches.at_ms.tolist(), (pitches.state == WON).tolist())
        for owner, product, at_ms, won in zip(owners, *columns, strict=True):
            if pair := _listed_before(pairs.get(owner, {}), catalogue, product, at_ms):
                pair.pitched = True
                pair.won |= won


def _listed_before(own: Mapping[str, ListedPair], catalogue: Catalogue, product: int, at_ms: int) -> ListedPair | None:
    """Return the contact's pair with a product that was listed before an instant."""
    pair = own.get(catalogue.ids[product]) if own and product < len(catalogue) else None
    return pair if pair is not None and at_ms >= pair.first_ms else None


def _describe(store: Store, pairs: Pairs) -> Iterator[tuple[dict[str, str], ListedPair]]:
    """Yield each pair with its value in every dimension."""
    for contacts in batched(pairs, CONTACTS_PER_TRIP):
        for contact, packed in zip(contacts, read_arrays(store, "contacts", "", contacts), strict=True):
            segment = str(orjson.loads(packed or b"{}").get("segment") or "")
            for product, pair in pairs[contact].items():
                yield {"model": pair.model, "channel": pair.channel, "product": product, "segment": segment}, pair
