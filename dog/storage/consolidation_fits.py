"""How scores are calibrated and stacked: the spread of each load of scores, and the fit of each policy."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from dog.core.consolidation_fit import ConsolidationFit, read_fit
from dog.core.consolidator import Consolidator, build_consolidator
from dog.core.iso_weeks import WEEK_MS
from dog.core.policy.model_directions import with_directions
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import Direction
from dog.core.score_axes import Load, alike, read_load
from dog.storage.model_dates import read_directions
from dog.storage.policy_versions import read_default_policy
from dog.storage.store import Store

KEPT_LOADS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """The spread of every model's scores, under one running number; 0 before the first.

    `changes` holds by model how often its scores had changed when they were described (`model_dates`); `made_at_ms` is
    when the number was first used, milliseconds since 1970.
    """

    number: int
    by_model: Mapping[str, Load]
    changes: Mapping[str, int]
    made_at_ms: int

    def of(self, model: str) -> Load | None:
        """Return a model's load; None where it has no scores that were described."""
        return self.by_model.get(model)


NO_LOADS = Loads(number=0, by_model={}, changes={}, made_at_ms=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidations:
    """What all policies' consolidators are built from, besides the policies."""

    loads: Loads
    fits: Mapping[str, ConsolidationFit]  # by policy
    directions: Mapping[str, Direction]  # stated of models, for policies that state none
    default_policy: str  # name

    def consolidator(self, policy: Policy, base_rate: float) -> Consolidator:
        """Build a policy's consolidator; before its first fit by the weekly job, from the default policy's."""
        fit = self.fits.get(policy.name, self.fits.get(self.default_policy))
        return build_consolidator(with_directions(policy, self.directions), self.loads.by_model, fit, base_rate)


def read_consolidations(store: Store) -> Consolidations:
    """Read the newest loads, and the fits in use."""
    return Consolidations(
        loads=read_loads(store),
        fits=read_fits(store),
        directions=read_directions(store),
        default_policy=read_default_policy(store),
    )


def read_loads(store: Store) -> Loads:
    """Read the newest loads."""
    key = store.keys.of("loads")
    numbers = [int(number) for number in store.execute("HKEYS", key)]
    return _read(max(numbers), store.execute("HGET", key, max(numbers))) if numbers else NO_LOADS


def read_load_history(store: Store) -> dict[int, Mapping[str, Load]]:
    """Read all kept loads, by number."""
    found = store.execute("HGETALL", store.keys.of("loads"))
    return {int(number): _read(int(number), packed).by_model for number, packed in found.items()}


def _read(number: int, packed: bytes) -> Loads:
    document = orjson.loads(packed)
    by_model = {model: read_load(load) for model, load in document["models"].items()}
    return Loads(number=number, by_model=by_model, changes=document["changes"], made_at_ms=document["made_at_ms"])


def put_loads(store: Store, by_model: Mapping[str, Load], changes: Mapping[str, int], now_ms: int) -> None:
    """Write loads; processes use them from their next request on.

    They get a new number where a model is new or has another scale, and after a week: pitches name the number that
    their scores are of. Else they replace the newest.
    """
    newest = read_loads(store)
    if (newest.by_model, newest.changes) == (by_model, changes):
        return
    same = newest.by_model.keys() == by_model.keys() and all(
        alike(load, newest.by_model[model]) for model, load in by_model.items()
    )
    stays = same and now_ms - newest.made_at_ms < WEEK_MS
    number, key = newest.number + (not stays), store.keys.of("loads")
    document = {
        "made_at_ms": newest.made_at_ms if stays else now_ms,
        "changes": dict(changes),
        "models": {model: load.to_document() for model, load in by_model.items()},
    }
    writes = [("HSET", key, number, orjson.dumps(document)), ("HDEL", key, number - KEPT_LOADS)]
    if newest.by_model != by_model:
        writes.append(("HINCRBY", store.keys.of("head"), "loads", 1))
    store.execute_all(writes)


def read_fits(store: Store) -> dict[str, ConsolidationFit]:
    """Read the fit in use of every policy that has one."""
    found = store.execute("HGETALL", store.keys.of("fits"))
    return {policy.decode(): read_fit(orjson.loads(packed)) for policy, packed in found.items()}


def put_fit(store: Store, policy: str, fit: ConsolidationFit) -> None:
    """Write a policy's fit; processes use it from their next request on."""
    write = ("HSET", store.keys.of("fits"), policy, orjson.dumps(fit.to_document()))
    store.execute_all([write, ("HINCRBY", store.keys.of("head"), "fits", 1)])
