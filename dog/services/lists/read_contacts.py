"""What lists need of many contacts of one partition, read in one round trip."""

from collections.abc import Mapping, Sequence
from typing import Any

from dog.core.events import ANSWERS, EVENT_TYPES
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.read_contact import ContactState, has_learned_values
from dog.services.lists.snapshot import Snapshot
from dog.storage.choice_records import CHOICES
from dog.storage.keys import PartitionKeys
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
    models = len(active.policy.models)
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
    product: int | None,
) -> list[ContactState]:
    """Read what scores and rules need of contacts, given page by page with their partition, or of one product."""
    trip, models = store.trip(), active.policy.models
    for partition, records in parts:
        keys, digests = store.keys.partition(partition), list(records)
        trip.add("SMISMEMBER", keys.of("logged"), *digests)
        _add_scores(trip, keys, snapshot, active, digests, product)
    answers = iter(trip.send())
    found = [
        (next(answers), next(answers), next(answers) if product is not None else [next(answers) for _ in models])
        for _ in parts
    ]
    logged = [
        (partition, [digest for digest, is_logged in zip(records, marks, strict=True) if is_logged])
        for (partition, records), (marks, _, _) in zip(parts, found, strict=True)
    ]
    verdicts = _read_ledgers(store, "verdicts", logged)
    outcomes = _read_ledgers(store, "outcomes", logged) if reads_outcomes(active) else {}
    contacts: list[ContactState] = []
    for (_, records), (_, multipliers, scores) in zip(parts, found, strict=True):
        contacts += _unpack(
            active,
            records,
            scores=scores,
            multipliers=multipliers,
            verdicts=list(map(verdicts.get, records)),
            outcomes=list(map(outcomes.get, records)),
        )
    return contacts


def _read_ledgers(store: Store, name: str, logged: Sequence[tuple[int, list[bytes]]]) -> dict[bytes, bytes]:
    """Read a ledger of the contacts that have events, given by partition; most contacts have none."""
    some = [(store.keys.partition(partition), digests) for partition, digests in logged if digests]
    answers = store.execute_all(("MGET", *keys.contacts(name, digests)) for keys, digests in some)
    return {
        digest: ledger
        for (_, digests), ledgers in zip(some, answers, strict=True)
        for digest, ledger in zip(digests, ledgers, strict=True)
    }


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
    product: int | None,
) -> None:
    """Ask for multipliers and scores: whole arrays, or what they hold of one product."""
    trip.add("HMGET", keys.of("multipliers", f"{snapshot.version_name or '-'}:{active.multipliers_of}"), *digests)
    scores = [keys.of("scores", model) for model in active.policy.models]
    if product is None:
        for key in scores:
            trip.add("HMGET", key, *digests)
    else:
        trip.script("scores_of_product", scores, [product, *digests])


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
    models, nothing = list(active.policy.models), [None] * len(records)
    others = (choices or nothing, outcomes or nothing, laps or nothing, purchases or nothing)
    columns = zip(records.items(), multipliers, verdicts, *others, strict=True)
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
            columns, zip(*scores, strict=True), strict=True
        )
    ]
