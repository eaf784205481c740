"""Describe how the scores of every model are spread: after scores were loaded, and weekly."""

from collections.abc import Sequence
from functools import reduce
from operator import add

import numpy as np

from dog.core.describe_load import (
    AxisSums,
    ScoreCounts,
    add_axis_sums,
    collect_scores,
    count_scores,
    rank_scores,
    scale_load,
    sum_axes,
)
from dog.core.mergeable_sums import Tally
from dog.core.policy.policy_settings import START
from dog.core.score_axes import Load, read_load
from dog.services.partition_parts import group_partitions
from dog.services.runner import Runner
from dog.services.runner_tasks import Edge, no_edge
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_models
from dog.storage.consolidation_fits import put_loads, read_loads
from dog.storage.contacts import read_scores
from dog.storage.store import Store

CONTACTS_A_TASK = 20_000
"""Contacts of a model whose scores are read together; a partition with more is not divided."""


def describe_loads(runner: Runner, store: Store, now_ms: int, edge: Edge = no_edge) -> None:
    """Store the spread of all scores of every model, where it has changed."""
    changes = _changes(store)
    found = {model: _describe(runner, store, model, edge) for model in changes}
    loads = {model: load for model, load in found.items() if load is not None}
    if described := read_models(store).get(START, {}).get("load"):  # no scores of it are stored
        loads[START] = read_load(described)
    put_loads(store, loads, changes, now_ms)


def describe_changed_loads(runner: Runner, store: Store, now_ms: int, most_scores: int | None = None) -> None:
    """Describe the scores again where some of a model have changed since, if there were not more than `most_scores`."""
    loads = read_loads(store)
    count = sum(load.count for load in loads.by_model.values())
    if _changes(store) != loads.changes and (most_scores is None or count <= most_scores):
        describe_loads(runner, store, now_ms)


def _changes(store: Store) -> dict[str, int]:
    """Return by model how often its scores have changed."""
    return {model: record.get("changes", 0) for model, record in read_models(store).items()}


def _describe(runner: Runner, store: Store, model: str, edge: Edge) -> Load | None:
    """Describe a model's scores, which three passes over the partitions read; None where there are none."""
    sizes, name = store.in_partitions("HLEN", "scores", model), store.tenant.name
    if not any(sizes):
        return None
    parts = group_partitions(sizes, CONTACTS_A_TASK)
    counts = reduce(add, runner.map(_count_part, parts, name, model, edge=edge))
    if not counts.bins.total:
        return None
    bins = counts.bins_of_points()
    ranked = rank_scores(counts, reduce(add, runner.map(_collect_part, parts, name, model, bins, edge=edge)))
    return scale_load(ranked, add_axis_sums(runner.map(_sum_part, parts, name, model, ranked, edge=edge), ranked))


def _count_part(runtime: Runtime, part: Sequence[int], tenant: str, model: str) -> ScoreCounts:
    return count_scores(read_scores(runtime.store(tenant), model, part))


def _collect_part(runtime: Runtime, part: Sequence[int], tenant: str, model: str, bins: np.ndarray) -> Tally:
    return collect_scores(read_scores(runtime.store(tenant), model, part), bins)


def _sum_part(runtime: Runtime, part: Sequence[int], tenant: str, model: str, ranked: Load) -> AxisSums:
    return sum_axes(read_scores(runtime.store(tenant), model, part), ranked)
