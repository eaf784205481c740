"""How scores are calibrated and stacked: the spread of each load of scores, and the fit of each policy."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from dog.core.consolidation_fit import ConsolidationFit, read_fit
from dog.core.consolidator import Consolidator, build_consolidator
from dog.core.policy.model_directions import with_directions
from dog.core.policy.policy import DEFAULT_POLICY, Policy
from dog.core.policy.policy_settings import Direction
from dog.core.score_axes import Load, read_load
from dog.storage.model_dates import read_directions
from dog.storage.store import Store

KEPT_LOADS = 60


@dataclass(frozen=True, slots=True)
class Loads:
    """The spread of every model's scores, under one running number; 0 before the first."""

    number: int
    by_model: Mapping[str, Load]

    def of(self, model: str) -> Load | None:
        """Return a model's load; None where it has no scores that were described."""
        return self.by_model.get(model)


@dataclass(frozen=True, slots=True)
class Consolidations:
    """What all policies' consolidators are built from, besides the policies."""

    loads: Loads
    fits: Mapping[str, ConsolidationFit]  # by policy
    directions: Mapping[str, Direction]  # stated of models, for policies that state none

    def consolidator(self, policy: Policy, base_rate: float) -> Consolidator:
        """Build a policy's consolidator; before its first fit by the weekly job, from the default policy's."""
        fit = self.fits.get(policy.name, self.fits.get(DEFAULT_POLICY))
        return build_consolidator(with_directions(policy, self.directions), self.loads.by_model, fit, base_rate)


def read_consolidations(store: Store) -> Consolidations:
    """Read the newest loads, and the fits in use."""
    return Consolidations(read_loads(store), read_fits(store), read_directions(store))


def read_loads(store: Store) -> Loads:
    """Read the newest loads."""
    key = store.keys.of("loads")
    numbers = [int(number) for number in store.execute("HKEYS", key)]
    if not numbers:
        return Loads(0, {})
    newest = max(numbers)
    return Loads(newest, _by_model(store.execute("HGET", key, newest)))


def read_load_history(store: Store) -> dict[int, Mapping[str, Load]]:
    """Read all kept loads, by number."""
    found = store.execute("HGETALL", store.keys.of("loads"))
    return {int(number): _by_model(packed) for number, packed in found.items()}


def _by_model(packed: bytes) -> Mapping[str, Load]:
    return {model: read_load(document) for model, document in orjson.loads(packed).items()}


def put_loads(store: Store, by_model: Mapping[str, Load]) -> None:
    """Write new loads where any differs from the newest; processes use them from their next request on."""
    newest = read_loads(store)
    if newest.by_model == by_model:
        return
    number, key = newest.number + 1, store.keys.of("loads")
    packed = orjson.dumps({model: load.to_document() for model, load in by_model.items()})
    store.execute_all(
        [
            ("HSET", key, number, packed),
            ("HDEL", key, number - KEPT_LOADS),
            ("HINCRBY", store.keys.of("head"), "loads", 1),
        ]
    )


def read_fits(store: Store) -> dict[str, ConsolidationFit]:
    """Read the fit in use of every policy that has one."""
    found = store.execute("HGETALL", store.keys.of("fits"))
    return {policy.decode(): read_fit(orjson.loads(packed)) for policy, packed in found.items()}


def put_fit(store: Store, policy: str, fit: ConsolidationFit) -> None:
    """Write a policy's fit; processes use it from their next request on."""
    write = ("HSET", store.keys.of("fits"), policy, orjson.dumps(fit.to_document()))
    store.execute_all([write, ("HINCRBY", store.keys.of("head"), "fits", 1)])
