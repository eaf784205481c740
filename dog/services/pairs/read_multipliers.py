"""Read pairs with all their numbers, and the published versions."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from dog.core.iso_weeks import DAY_MS, format_week, iso_time
from dog.core.learning.priors import Priors
from dog.core.learning.reinforcement_settings import Reinforcement, Streak
from dog.core.receipt import explain_pairs, performance_columns
from dog.core.records import VERDICT
from dog.core.verdicts.streaks import streak_multiplier
from dog.core.verdicts.triggers import read_verdicts
from dog.errors import InvalidInput, NotFound
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.runtime import Runtime
from dog.services.weekly.archive_cold import warm_version
from dog.storage.audit_log import record_audit_entry
from dog.storage.contacts import read_arrays
from dog.storage.multiplier_versions import MultiplierVersion, activate_multiplier_version, read_version, read_versions
from dog.storage.pair_records import unpack_pairs
from dog.storage.store import Store
from dog.storage.stretches import read_hash

MAX_LIMIT = 1000
PAIR_COLUMNS = (
    "contact_id",
    "product_id",
    "pitches",
    "wins",
    "losses",
    "pending",
    "evidence_wins",
    "evidence_pitches",
    "evidence_expected",
    "expected",
    "product_ratio",
    "pair_ratio",
    "odds",
    "raw_win_rate",
    "win_rate",
    "prior",
    "arm",
    "drm",
    "explore",
    "step",
    "streak",
    "recursions",
    "laps",
    "multiplier",
    "version",
    "as_of",
)
"""Fields of a pair, in this order."""


def read_multipliers(
    runtime: Runtime,
    tenant: str,
    *,
    contact_id: str | None,
    product_id: str | None,
    policy: str | None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return a page of the pairs of the active version, in a stable order.

    Raise `NotFound` if no such policy is active, `InvalidInput` if the cursor is invalid.
    """
    store = runtime.store(tenant)
    snapshot = runtime.shared(Snapshots).current(store)
    numbers = _numbers(snapshot, policy, runtime.clock())
    if numbers is None:
        return {"items": [], "next_cursor": None, "version": None, "notes": ["no multipliers have been published yet"]}
    product = snapshot.catalogue.numbers.get(product_id, -1) if product_id else None
    contact = store.tenant.contact(contact_id) if contact_id else None
    items: list[dict[str, Any]] = []
    after = _read_cursor(cursor)
    for partition, digest, packed in _packed(store, numbers, contact, after):
        rows = _rows(store, numbers, digest, packed, product)
        shown = after.rows if digest == after.contact else 0
        for row in rows[shown:]:
            if len(items) == limit:
                return _page(numbers.version, items, _Cursor(partition, digest, shown))
            items.append(row)
            shown += 1
    return _page(numbers.version, items, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairNumbers:
    """What the rows of pairs are made from, besides what is stored with each contact; tasks are given it."""

    version: str
    week: int
    policy: str  # whose multipliers
    product_ids: Sequence[str]
    priors: Priors
    settings: Reinforcement  # of the version
    streak: Streak  # of the policy as it is now
    now_ms: int


def read_pair_numbers(runtime: Runtime, store: Store, policy: str | None) -> PairNumbers | None:
    """Read what all rows of the active version share; None before the first version.

    Raise `NotFound` if no such policy is active.
    """
    return _numbers(runtime.shared(Snapshots).current(store), policy, runtime.clock())


def _numbers(snapshot: Snapshot, policy: str | None, now_ms: int) -> PairNumbers | None:
    active, version = snapshot.policy(policy), snapshot.version
    if version is None or active.multipliers is None:
        return None
    return PairNumbers(
        version=version.version,
        week=version.week,
        policy=active.multipliers_of,
        product_ids=snapshot.catalogue.ids,
        priors=active.multipliers.priors,
        settings=active.multipliers.settings,
        streak=active.policy.reinforcement.streak,
        now_ms=now_ms,
    )


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Start of the next page: a contact, and how many of its rows come before."""

    partition: int
    contact: bytes
    rows: int

    def write(self) -> str:
        packed = self.partition.to_bytes(4, "little") + self.contact + self.rows.to_bytes(4, "little")
        return urlsafe_b64encode(packed).decode()


def _page(version: str, items: list[dict[str, Any]], cursor: _Cursor | None) -> dict[str, Any]:
    return {"items": items, "next_cursor": cursor.write() if cursor else None, "version": version}


def partition_rows(store: Store, partition: int, numbers: PairNumbers | None) -> Iterator[dict[str, Any]]:
    """Yield all pairs of a partition's contacts; none before the first version."""
    if numbers is not None:
        for digest, packed in _arrays(store, partition, numbers).items():
            yield from _rows(store, numbers, digest, packed, None)


def _packed(
    store: Store, numbers: PairNumbers, contact: bytes | None, after: _Cursor
) -> Iterator[tuple[int, bytes, bytes]]:
    if contact is not None:
        packed = read_arrays(store, "multipliers", f"{numbers.version}:{numbers.policy}", [contact])[0]
        if packed is not None:
            yield 0, contact, packed
        return
    for partition in range(after.partition, store.tenant.partition_count):
        for digest, packed in _arrays(store, partition, numbers).items():
            if partition > after.partition or digest >= after.contact:
                yield partition, digest, packed


def _arrays(store: Store, partition: int, numbers: PairNumbers) -> dict[bytes, bytes]:
    return read_hash(store, store.keys.partition(partition).of("multipliers", f"{numbers.version}:{numbers.policy}"))


def _read_cursor(cursor: str | None) -> _Cursor:
    if not cursor:
        return _Cursor(0, b"", 0)
    try:
        content = urlsafe_b64decode(cursor.encode())
    except ValueError:
        content = b""
    if len(content) != 24:
        raise InvalidInput("invalid cursor; send next_cursor of the page before, or omit it")
    return _Cursor(int.from_bytes(content[:4], "little"), content[4:20], int.from_bytes(content[20:], "little"))


def _rows(
    store: Store, numbers: PairNumbers, digest: bytes, packed: bytes, product: int | None
) -> list[dict[str, Any]]:
    laps, recursions, pairs = unpack_pairs(packed)
    if product is not None:
        pairs = pairs[pairs["product"] == product]
    if not len(pairs):
        return []
    products = pairs["product"].astype(np.int64)
    priors, settings = numbers.priors, numbers.settings
    places, values = np.arange(len(pairs)), pairs["multiplier"]
    described = performance_columns(explain_pairs(products, pairs, places, values, priors, recursions, settings))
    record = orjson.loads(read_arrays(store, "contacts", "", [digest])[0] or b"{}")
    streaks = _streaks(store, numbers, digest, products)
    rows = []
    for index, number in enumerate(products.tolist()):
        wins, losses = int(pairs["wins"][index]), int(pairs["losses"][index])
        row = {name: values[index] for name, values in described.items()} | {
            "contact_id": record.get("contact_id"),
            "product_id": numbers.product_ids[number] if number < len(numbers.product_ids) else None,
            "wins": wins,
            "losses": losses,
            "pending": int(pairs["pending"][index]),
            "raw_win_rate": wins / (wins + losses) if wins + losses else None,
            "streak": float(streaks[index]),
            "recursions": recursions,
            "laps": laps,
            "version": numbers.version,
            "as_of": format_week(numbers.week),
        }
        rows.append({name: row[name] for name in PAIR_COLUMNS})
    return rows


def _streaks(store: Store, numbers: PairNumbers, digest: bytes, products: np.ndarray) -> np.ndarray:
    packed = store.execute("GET", store.tenant.partition(digest).contact("verdicts", digest))
    ledger = np.frombuffer(packed or b"", VERDICT)
    if not len(ledger):
        return np.ones(len(products))
    runs, streak = read_verdicts(ledger).pairs, numbers.streak
    values = np.ones(len(products))
    days = np.maximum(numbers.now_ms - runs.last_ms, 0) / DAY_MS
    effect = streak_multiplier(runs.run, days, 0, streak.half_life_days, streak)
    for key, value in zip(runs.key.tolist(), effect.tolist(), strict=True):
        values[products == key] = value
    return values


def list_versions(runtime: Runtime, tenant: str) -> list[dict[str, Any]]:
    """Return the kept versions, newest week first, with the active one marked."""
    store = runtime.store(tenant)
    snapshot = runtime.shared(Snapshots).current(store)
    active = snapshot.version.version if snapshot.version else None
    return [_describe(version, active) for version in read_versions(store)]


def _describe(version: MultiplierVersion, active: str | None) -> dict[str, Any]:
    return {
        "version": version.version,
        "week": format_week(version.week),
        "published_at": iso_time(version.published_at_ms, "seconds"),
        "timezone": version.timezone,
        "active": version.version == active,
        "replayed": version.replayed,
        "trust": {name: known["trust"] for name, known in version.policies.items() if "trust" in known},
        "absorbed_share": {name: known.get("absorbed_share", 0.0) for name, known in version.policies.items()},
        "delay_curve": {name: known.get("delay_curve", []) for name, known in version.policies.items()},
        "tenant_ratio": {name: known.get("tenant_ratio", 1.0) for name, known in version.policies.items()},
        "counts": version.counts,
    }


def activate_published(runtime: Runtime, tenant: str, version: str) -> dict[str, Any]:
    """Activate a kept version, brought back from the archive if need be; raise `NotFound` if it is not kept.

    Raise `ArchiveUnavailable` if it is archived and the archive cannot be reached: the active version stays.
    """
    store = runtime.store(tenant)
    found = read_version(store, version)
    if found is None:
        raise NotFound(f"version '{version}' is not kept; see GET /v1/multipliers/versions", code="unknown_version")
    while not activate_multiplier_version(store, version):
        warm_version(runtime, store, version)
    record_audit_entry(store.redis, tenant, "multipliers.activate", version)
    return _describe(found, version)
