"""What lists need of many contacts of one partition, read in one round trip."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from dog.core.events import ANSWERS, EVENT_TYPES
from dog.core.records import OUTCOME, PURCHASES, VERDICT
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.contact_table import Arrays, ContactTable, PackedScores
from dog.services.lists.read_contact import ContactState, has_learned_values
from dog.services.lists.snapshot import Snapshot
from dog.storage.choice_records import CHOICES
from dog.storage.keys import PartitionKeys
from dog.storage.pair_records import unpack_many
from dog.storage.round_trip import RoundTrip
from dog.storage.store import Store

Records = Mapping[bytes, Mapping[str, Any]]
"""Records of contacts, by digest."""


def read_contacts(
    store: Store, snapshot: Snapshot, active: ActivePolicy, partition: int, records: Records
) -> Sequence[ContactState]:
    """Read loaded contacts of one partition with all that a receipt tells."""
    keys, digests, trip = store.keys.partition(partition), list(records), store.trip()
    for ledger in ("verdicts", "outcomes"):
        trip.add("MGET", *keys.contacts(ledger, digests))
    for name in ("laps", "purchases"):
        trip.add("HMGET", keys.of(name), *digests)
    _add_scores(trip, keys, snapshot, active, digests, None)
    if has_learned_values(active):
        trip.add("HMGET", keys.of(CHOICES, f"{snapshot.version_name}:{active.multipliers_of}"), *digests)
    verdicts, outcomes, laps, purchases, multipliers, *scores = trip.send()
    models = len(active.stored_models)
    return _unpack(
        active,
        records,
        scores=scores[:models],
        choices=scores[models] if has_learned_values(active) else None,
        multipliers=multipliers,
        verdicts=verdicts,
        outcomes=outcomes,
        laps=laps,
        purchases=purchases,
    )


def read_to_rank(
    store: Store,
    snapshot: Snapshot,
    active: ActivePolicy,
    parts: Sequence[tuple[int, Records]],
    product: int | np.ndarray | None,
    *,
    verdicts: bool = True,
) -> ContactTable:
    """Read what scores and rules need of contacts, given page by page with their partition.

    `product` is the number of the only product that is wanted, or one of each contact; None for all. Scores without
    multipliers need no `verdicts`.
    """
    trip, models = store.trip(), active.stored_models
    ends = np.cumsum([len(records) for _, records in parts])
    wanted = None if product is None else np.split(np.broadcast_to(product, ends[-1:]).astype("<u4"), ends[:-1])
    for page, (partition, records) in enumerate(parts):
        keys, digests = store.keys.partition(partition), list(records)
        trip.add("SMISMEMBER", keys.of("logged"), *digests)
        _add_scores(trip, keys, snapshot, active, digests, None if wanted is None else wanted[page].tobytes())
    answers, commands = trip.send(), 2 + (len(models) if product is None or not models else 1)
    marks, multipliers, *scores = (list(chain.from_iterable(answers[n::commands])) for n in range(commands))
    if product is None or not models:
        packed = [PackedScores.of(own) for own in scores]
    else:  # of each page an answer a model
        packed = [PackedScores.of_product(b"".join(scores[0][n :: len(models)])) for n in range(len(models))]
    digests = list(chain.from_iterable(records for _, records in parts))
    places = np.flatnonzero(marks)
    by_page = np.split(places, places.searchsorted(ends[:-1]))
    logged = [(partition, own.tolist()) for (partition, _), own in zip(parts, by_page, strict=True) if len(own)]
    stored = dict(zip(models, packed, strict=True))
    needs_events = (active.starts or active.remembers) and snapshot.start.events > 0
    return ContactTable(
        digests=digests,
        records=list(chain.from_iterable(records.values() for _, records in parts)),
        scores=stored,
        pairs=unpack_many(multipliers),
        verdicts=_read_ledgers(store, "verdicts", VERDICT, digests, logged if verdicts else []),
        outcomes=_read_ledgers(
            store, "outcomes", OUTCOME, digests, logged if needs_events or reads_outcomes(active) else []
        ),
        purchases=_read_purchases(store, digests, _by_page(parts) if needs_events else []),
    )


Places = Sequence[tuple[int, list[int]]]
"""Places of contacts, page by page, each with its partition."""


def _by_page(parts: Sequence[tuple[int, Records]]) -> Places:
    ends = np.cumsum([len(records) for _, records in parts]).tolist()
    return [(part[0], list(range(end - len(part[1]), end))) for part, end in zip(parts, ends, strict=True)]


def _read_purchases(store: Store, digests: Sequence[bytes], pages: Places) -> Arrays:
    """Read the purchases of some contacts."""
    answers = store.execute_all(
        ("HMGET", store.keys.partition(partition).of("purchases"), *map(digests.__getitem__, own))
        for partition, own in pages
    )
    found = zip(chain.from_iterable(own for _, own in pages), chain.from_iterable(answers), strict=True)
    return {place: np.frombuffer(bought, PURCHASES) for place, bought in found if bought}


def _read_ledgers(store: Store, name: str, kind: np.dtype[Any], digests: Sequence[bytes], logged: Places) -> Arrays:
    """Read a ledger of the contacts that have events, whose places are given by partition; most contacts have none."""
    some = [(store.keys.partition(partition), places) for partition, places in logged]
    answers = store.execute_all(("MGET", *keys.contacts(name, map(digests.__getitem__, own))) for keys, own in some)
    found = zip(chain.from_iterable(own for _, own in some), chain.from_iterable(answers), strict=True)
    return {place: np.frombuffer(ledger, kind) for place, ledger in found if ledger}


def reads_outcomes(active: ActivePolicy) -> bool:
    """Return whether any rule counts or dates past pitches, wins or losses."""
    dated = {kind for kind in EVENT_TYPES if f"days_since.{kind}" in active.columns}
    counted = {window.event for window in active.plan.rulebook.limits if window.by != "product"}
    return any(EVENT_TYPES[kind] not in ANSWERS for kind in dated | counted)


def _add_scores(
    trip: RoundTrip,
    keys: PartitionKeys,
    snapshot: Snapshot,
    active: ActivePolicy,
    digests: Sequence[bytes],
    products: bytes | None,
) -> None:
    """Ask for multipliers and scores: whole arrays, or what they hold of one product each (packed numbers)."""
    trip.add("HMGET", keys.of("multipliers", f"{snapshot.version_name or '-'}:{active.multipliers_of}"), *digests)
    scores = [keys.of("scores", model) for model in active.stored_models]
    if products is None or not scores:
        for key in scores:
            trip.add("HMGET", key, *digests)
    else:
        trip.script("scores_of_product", scores, [products, *digests])


def _unpack(
    active: ActivePolicy,
    records: Records,
    *,
    scores: Sequence[Sequence[bytes | None]],
    multipliers: Sequence[bytes | None],
    verdicts: Sequence[bytes | None],
    choices: Sequence[bytes | None] | None = None,
    outcomes: Sequence[bytes | None] | None = None,
    laps: Sequence[bytes | None] | None = None,
    purchases: Sequence[bytes | None] | None = None,
) -> list[ContactState]:
    """Return contacts from the values that Redis stores, each in the order of the records."""
    models, nothing = active.stored_models, [None] * len(records)
    others = (choices or nothing, outcomes or nothing, laps or nothing, purchases or nothing)
    columns = zip(records.items(), multipliers, verdicts, *others, strict=True)
    of_models = zip(*scores, strict=True) if models else [()] * len(records)
    return [
        ContactState.unpack(
            digest,
            record=record,
            scores=dict(zip(models, own, strict=True)),
            laps=int(lap or 0),
            multipliers=packed,
            choices=learned,
            verdicts=verdict,
            outcomes=outcome,
            purchases=bought,
        )
        for ((digest, record), packed, verdict, learned, outcome, lap, bought), own in zip(
            columns, of_models, strict=True
        )
    ]
