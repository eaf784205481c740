"""What a process caches of a tenant between requests: products, policies, multipliers, cross-contact verdicts.

A snapshot is built whole and replaced whole. Every request reads the tenant's head, which changes with each of these
parts, and builds a new snapshot where the head differs from the one its snapshot was built from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from time import monotonic
from typing import Any

import numpy as np

from dog.core.policy.policy import Policy
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Frame, day_number
from dog.core.spoken import spoken_names
from dog.core.verdicts.cross_contact import CrossContactVerdicts, read_cross_contact
from dog.errors import NotFound
from dog.models.start.learned_memory import LearnedMemory, read_memory
from dog.models.start.start_file import read_start, untrained_start
from dog.models.start.start_model import StartModel
from dog.services.lists.active_policy import ActivePolicy, prepare_policy
from dog.services.policies.policy_store import read_active_policies, read_stored_policy
from dog.services.policies.tenant_schema import tenant_schema
from dog.storage.catalogue import Catalogue, read_catalogue, read_models
from dog.storage.consolidation_fits import Consolidations, read_consolidations
from dog.storage.multiplier_versions import MultiplierVersion, read_version
from dog.storage.server_connection import KnownAnswer
from dog.storage.start_models import HEAD_FIELD, StartVersion, read_memory_of, read_start_version
from dog.storage.store import Store
from dog.storage.votes import CHANGES, read_lifted, read_votes

Head = Mapping[bytes, bytes]
VOTES_SECONDS = 30.0
"""Votes are read again after this time: a process that dies between a vote and the head leaves the head behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One tenant at one head.

    Arrays over products have one place more than there are products: the last stands for products that are not in
    the catalogue.
    """

    head: Head
    known_head: KnownAnswer = field(init=False)  # the head as Redis answers it while it does not change
    catalogue: Catalogue
    spoken_names: Sequence[str]  # of the products, as they read inside a sentence
    products: Frame
    schema: ColumnSchema  # the columns that conditions may name
    id_rank: np.ndarray  # place of each product in the order of ids, for ties
    categories: np.ndarray  # digest of each product's category
    offered: np.ndarray  # whether each product may be offered for its stored scores
    category_numbers: np.ndarray  # number of each product's category
    active_days: np.ndarray  # first and last day on which each product may be offered, shape (products + 1, 2)
    models: Mapping[str, Mapping[str, Any]]
    consolidations: Consolidations
    policies: Mapping[str, ActivePolicy]
    version: MultiplierVersion | None
    cross_contact: CrossContactVerdicts
    start: StartModel  # with all products of the catalogue
    start_version: str  # '' before the first training
    cold_products: np.ndarray  # numbers of the products that may be offered and that nobody has bought yet
    memory: LearnedMemory | None  # None where it is not proved
    memory_categories: np.ndarray  # number of each product's category in the memory; empty without one
    seasons: dict[int, np.ndarray] = field(default_factory=dict, compare=False)  # what `in_season` returned last

    def __post_init__(self) -> None:
        object.__setattr__(self, "known_head", KnownAnswer(self.head))

    @property
    def default_policy(self) -> str:
        """Name of the policy that serves requests which name none."""
        return self.consolidations.default_policy

    def policy(self, name: str | None) -> ActivePolicy:
        """Return the active policy of a name, of None the default one; `NotFound` where it is not active."""
        found = self.find_policy(name)
        if found is None:
            known = ", ".join(self.policies) or "none"
            raise NotFound(
                f"policy '{name or self.default_policy}' is not active; active are {known}", code="unknown_policy"
            )
        return found

    def find_policy(self, name: str | None) -> ActivePolicy | None:
        """Return the active policy of a name, of None the default one; None where it is not active."""
        return self.policies.get(name or self.consolidations.default_policy)

    def in_season(self, day: int) -> np.ndarray:
        """Mark the products that may be offered on a day, which counts from 1970-01-01, shape (products + 1,)."""
        known = self.seasons.get(day)
        if known is None:
            self.seasons.clear()
            known = self.seasons[day] = (self.active_days[:, 0] <= day) & (day <= self.active_days[:, 1])
        return known

    @property
    def version_name(self) -> str | None:
        """Name of the active multiplier version."""
        return self.version.version if self.version else None


class Snapshots:
    """The snapshots of one process, by tenant."""

    def __init__(self) -> None:
        self._cached: dict[str, Snapshot] = {}
        self._votes_read: dict[str, float] = {}

    def get(self, store: Store) -> Snapshot:
        """Return the cached snapshot, which may be outdated; build it if there is none."""
        snapshot = self._cached.get(store.tenant.name)
        if snapshot is None:
            return self.renew(store)
        if CHANGES in snapshot.head and monotonic() > self._votes_read[store.tenant.name] + VOTES_SECONDS:
            snapshot = self._keep(store, replace(snapshot, cross_contact=count_votes(store)))
        return snapshot

    def cached(self, store: Store) -> Snapshot | None:
        """Return the cached snapshot or None, without a round trip."""
        return self._cached.get(store.tenant.name)

    def renew(self, store: Store) -> Snapshot:
        """Build the snapshot of the tenant as it is now."""
        known, head = self._cached.get(store.tenant.name), read_head(store)
        if known is not None and without_votes(known.head) == without_votes(head):
            built = replace(known, head=head, cross_contact=count_votes(store))
        else:
            built = build_snapshot(store)
        return self._keep(store, built)

    def _keep(self, store: Store, snapshot: Snapshot) -> Snapshot:
        self._votes_read[store.tenant.name] = monotonic()  # first: another thread may read both
        self._cached[store.tenant.name] = snapshot
        return snapshot

    def current(self, store: Store, *, votes: bool = True) -> Snapshot:
        """Return the newest snapshot, for one round trip; without `votes` its verdicts beyond contacts may be old."""
        snapshot, head = self.get(store), read_head(store)
        is_current = head == snapshot.head or (not votes and without_votes(head) == without_votes(snapshot.head))
        return snapshot if is_current else self.renew(store)


def without_votes(head: Head) -> dict[bytes, bytes]:
    """Return a head without what counts the votes, which changes often."""
    return {name: value for name, value in head.items() if name != CHANGES}


def read_head(store: Store) -> Head:
    """Read the tenant's head."""
    trip = store.trip()
    trip.add("HGETALL", store.keys.of("head"))
    head: Head = trip.send()[0]
    return head


def build_snapshot(store: Store) -> Snapshot:
    """Read all shared parts of a tenant."""
    head = read_head(store)
    catalogue = read_catalogue(store)
    models, consolidations = read_models(store), read_consolidations(store)
    name = head.get(b"multipliers", b"").decode()
    start = read_start_version(store, head.get(HEAD_FIELD.encode(), b"").decode())
    version = read_version(store, name) if name else None
    records = [
        {**record, "id": product_id} for product_id, record in zip(catalogue.ids, catalogue.records, strict=True)
    ]
    records.append({})
    ranks = np.empty(len(records), np.int64)
    ranks[sorted(range(len(catalogue)), key=catalogue.ids.__getitem__)] = np.arange(len(catalogue))
    ranks[-1] = len(catalogue)
    categories = [store.tenant.digest64(str(record["category"])) if record.get("category") else 0 for record in records]
    days = [(_day(record.get("active_from"), -np.inf), _day(record.get("active_to"), np.inf)) for record in records]
    products, schema = Frame.of(records, "product"), tenant_schema(store)
    memory = _proved_memory(store, start)

    def prepare(policy_version: str, policy: Policy) -> ActivePolicy:
        return prepare_policy(store, products, schema, policy, policy_version, models, consolidations, version)

    policies = {policy_name: prepare(*found) for policy_name, found in read_active_policies(store).items()}
    offered = _offered(catalogue)
    model = (read_start(start.packed) if start else untrained_start()).with_products(catalogue.records)
    cold = model.cold.products
    return Snapshot(
        head=head,
        catalogue=catalogue,
        spoken_names=spoken_names(
            [
                str(record.get("name") or product_id)
                for product_id, record in zip(catalogue.ids, catalogue.records, strict=True)
            ]
        ),
        products=products,
        schema=schema,
        id_rank=ranks,
        categories=np.array(categories, np.uint64),
        category_numbers=np.unique(np.array(categories, np.uint64), return_inverse=True)[1],
        offered=offered,
        active_days=np.array(days),
        models=models,
        consolidations=consolidations,
        policies={
            name: replace(active, shadow=_shadow(store, active, policies, prepare)) for name, active in policies.items()
        },
        version=version,
        cross_contact=count_votes(store),
        start=model,
        start_version=start.name if start else "",
        cold_products=cold[offered[cold]],
        memory=memory,
        memory_categories=memory.number(records) if memory else np.zeros(0, np.int64),
    )


def _proved_memory(store: Store, start: StartVersion | None) -> LearnedMemory | None:
    """Read the memory of past cases, if it was proved and has some trust."""
    packed = read_memory_of(store, start.name) if start else None
    memory = read_memory(packed) if packed else None
    return memory if memory and memory.on and memory.trust > 0 else None


def count_votes(store: Store) -> CrossContactVerdicts:
    """Read and count the votes of a tenant."""
    votes = read_votes(store)
    return read_cross_contact(votes, read_lifted(store) if len(votes) else {})


def _offered(catalogue: Catalogue) -> np.ndarray:
    """Mark the products that have a row: a mistyped id in feedback or scores must not be recommended."""
    offered = np.ones(len(catalogue), bool)
    if catalogue.has_rows:
        offered[list(catalogue.without_row)] = False
    return offered


def _shadow(
    store: Store,
    active: ActivePolicy,
    policies: Mapping[str, ActivePolicy],
    prepare: Callable[[str, Policy], ActivePolicy],
) -> ActivePolicy | None:
    """Prepare a policy's challenger; None where it names none, or one that does not exist."""
    if active.policy.shadow is None:
        return None
    name, _, version = active.policy.shadow.challenger.partition("@")
    if not version:
        return policies.get(name)
    challenger = read_stored_policy(store, name, version)
    return prepare(version, challenger) if challenger else None


def _day(text: str | None, otherwise: float) -> float:
    return otherwise if text is None else day_number(date.fromisoformat(text))
