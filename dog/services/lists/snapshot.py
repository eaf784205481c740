"""What a process holds of a tenant between requests: products, policies, multiplier version, wide verdicts.

Built whole, swapped whole: each request compares the tenant's head with the one its snapshot was built from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from dog.core.learning.priors import Priors, read_priors
from dog.core.learning.reinforcement_settings import Recursion, Reinforcement, Streak
from dog.core.pipeline import Model, Targets
from dog.core.policy.policy import Policy
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Frame, day_number
from dog.core.rulebook.rulebook import Rulebook
from dog.core.traffic_split import PLAIN
from dog.core.verdicts.cross_contact import WideVerdicts, read_wide
from dog.services.lists.control_variants import controls_of
from dog.services.policies.policy_store import DEFAULT_POLICY, read_active, read_stored
from dog.services.policies.tenant_schema import compile_to_serve, tenant_schema
from dog.services.weekly.calibrate_models import calibration_of
from dog.storage.catalogue import Catalogue, read_catalogue
from dog.storage.cross_contact_ledger import read_cross_contact_ledger
from dog.storage.model_records import read_models
from dog.storage.store import Store
from dog.storage.versions import Version, read_baseline, read_version

Head = Mapping[bytes, bytes]
NO_EVIDENCE_RATE = 0.1


@dataclass(frozen=True, slots=True)
class Multiplied:
    """What the active version says for one policy."""

    settings: Reinforcement
    priors: Priors
    baseline: np.ndarray  # multiplier of pairs without evidence, one a product, and 1 for products loaded since
    told_of_products: dict[int, dict[str, Any]] = field(default_factory=dict)  # receipts of such pairs, as asked for


@dataclass(frozen=True, slots=True)
class ActivePolicy:
    """One policy, ready for requests."""

    version: str
    policy: Policy
    rulebook: Rulebook
    models: tuple[Model, ...]
    targets: Targets
    max_age_ms: tuple[float, ...]  # of each model's scores
    product_masks: np.ndarray  # where what conditions ask of products alone is true, (rules, products + 1)
    multiplied: Multiplied | None
    multipliers_of: str  # the policy whose multipliers are used: its own, else the default's until the next recompute
    variant: str = PLAIN
    controls: Mapping[str, "ActivePolicy"] = field(default_factory=dict)  # in its place for a share of contacts
    shadow: "ActivePolicy | None" = None  # whose lists are made beside, and never served

    @property
    def columns(self) -> frozenset[str]:
        """Name the columns that any condition reads."""
        return self.rulebook.reads


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One tenant at one head.

    Arrays over products have one place more than there are products: the last stands for any product that is
    not known.
    """

    head: Head
    catalogue: Catalogue
    products: Frame
    schema: ColumnSchema  # what conditions may name
    id_rank: np.ndarray  # place of each product in the order of ids, for ties
    categories: np.ndarray  # digest of each product's category
    active_days: np.ndarray  # first and last day on which each product may be offered, (products + 1, 2)
    models: Mapping[str, Mapping[str, Any]]
    policies: Mapping[str, ActivePolicy]
    version: Version | None
    wide: WideVerdicts


class Snapshots:
    """The snapshots of one process, by tenant."""

    def __init__(self) -> None:
        self._held: dict[str, Snapshot] = {}

    def get(self, store: Store) -> Snapshot:
        """Give the snapshot held, whether or not it is the newest; built if there is none."""
        held = self._held.get(store.tenant.name)
        return held if held is not None else self.renew(store)

    def held(self, store: Store) -> Snapshot | None:
        """Give the snapshot held, None where there is none; Redis is not asked."""
        return self._held.get(store.tenant.name)

    def renew(self, store: Store) -> Snapshot:
        """Build the snapshot of the tenant as it is now."""
        self._held[store.tenant.name] = built = build_snapshot(store)
        return built

    def current(self, store: Store) -> Snapshot:
        """Give the newest snapshot, at the price of one round trip."""
        held = self.get(store)
        return held if read_head(store) == held.head else self.renew(store)


def read_head(store: Store) -> Head:
    """Read what tells one state of the tenant's shared parts from another."""
    trip = store.trip()
    trip.add("HGETALL", store.keys.of("head"))
    head: Head = trip.send()[0]
    return head


def build_snapshot(store: Store) -> Snapshot:
    """Read all shared parts of a tenant."""
    head = read_head(store)
    catalogue = read_catalogue(store)
    models = read_models(store)
    name = head.get(b"multipliers", b"").decode()
    version = read_version(store, name) if name else None
    records = [
        {**record, "id": product_id} for product_id, record in zip(catalogue.ids, catalogue.records, strict=True)
    ]
    records.append({})
    ranks = np.empty(len(records), np.int64)
    ranks[sorted(range(len(catalogue)), key=catalogue.ids.__getitem__)] = np.arange(len(catalogue))
    ranks[-1] = len(catalogue)
    categories = [store.tenant.number(str(record["category"])) if record.get("category") else 0 for record in records]
    active = [(_day(record.get("active_from"), -np.inf), _day(record.get("active_to"), np.inf)) for record in records]
    products, schema = Frame.of(records, "product"), tenant_schema(store)

    def make_ready(policy_version: str, policy: Policy) -> ActivePolicy:
        return activate_policy(store, products, schema, policy_version, policy, models, version)

    policies = {policy_name: make_ready(*found) for policy_name, found in read_active(store).items()}
    return Snapshot(
        head,
        catalogue,
        products,
        schema,
        ranks,
        np.array(categories, np.uint64),
        np.array(active),
        models,
        {
            name: replace(active, shadow=_shadow(store, active, policies, make_ready))
            for name, active in policies.items()
        },
        version,
        read_wide(read_cross_contact_ledger(store)),
    )


def _shadow(
    store: Store,
    active: ActivePolicy,
    policies: Mapping[str, ActivePolicy],
    make_ready: Callable[[str, Policy], ActivePolicy],
) -> ActivePolicy | None:
    """Make a policy's challenger ready; None where it names none, or one that is not there."""
    if active.policy.shadow is None:
        return None
    name, _, version = active.policy.shadow.challenger.partition("@")
    if not version:
        return policies.get(name)
    challenger = read_stored(store, name, version)
    return make_ready(version, challenger) if challenger else None


def _day(text: str | None, otherwise: float) -> float:
    return otherwise if text is None else day_number(date.fromisoformat(text))


def activate_policy(
    store: Store,
    products: Frame,
    schema: ColumnSchema,
    policy_version: str,
    policy: Policy,
    models: Mapping[str, Mapping[str, Any]],
    version: Version | None,
) -> ActivePolicy:
    """Make a policy ready for requests: rules compiled, models calibrated, multipliers at hand."""
    known = version.policies if version else {}
    source = policy.name if policy.name in known else DEFAULT_POLICY
    described = known.get(source)
    base_rate = described["global_rate"] if described else NO_EVIDENCE_RATE
    used = tuple(
        Model(
            name,
            model.weight,
            calibration_of(models.get(name), base_rate, lower_is_better=model.direction == "lower_is_better"),
        )
        for name, model in policy.models.items()
    )
    triggers = policy.triggers
    targets = Targets(triggers.performance.apply_to, triggers.market.apply_to, triggers.business.apply_to)
    rulebook = compile_to_serve(policy, replace(schema, models=tuple(models)))
    ages = tuple(
        np.inf if model.max_age_days is None else model.max_age_days * 86_400_000.0 for model in policy.models.values()
    )
    multiplied = None
    if version is not None and described is not None:
        multiplied = _multiplied(described, read_baseline(store, version.version, source))
    active = ActivePolicy(
        policy_version,
        policy,
        rulebook,
        used,
        targets,
        ages,
        rulebook.over_products(products),
        multiplied,
        source,
    )
    return replace(active, controls=controls_of(active, products))


def _multiplied(described: Mapping[str, Any], baseline: np.ndarray) -> Multiplied:
    fields = dict(described["settings"])
    settings = Reinforcement(
        **{**fields, "recursion": Recursion(**fields["recursion"]), "streak": Streak(**fields["streak"])}
    )
    priors = read_priors(described, len(described["product_rates"]) + 1)  # one more, for products loaded since
    return Multiplied(settings, priors, np.append(baseline, 1.0))
