"""The methods of the benchmark by name, in the order of its tables."""

from importlib.util import find_spec

from benchmarks.few_shot.basics import Fit, Method
from benchmarks.few_shot.count_methods import (
    fit_als,
    fit_attributes,
    fit_ease,
    fit_nearest,
    fit_popular,
    fit_segment_popular,
)
from benchmarks.few_shot.memory import fit_memory
from benchmarks.few_shot.start_scores import fit_taste_alone, fit_taste_and_als, fit_whole_start
from dog.models.start.product_vectors import DIMENSION

POPULAR = "popular"
START = "start"
"""The model of the product, whole."""
IN_SAME_QUERY = ("popular", "EASE", "ALS fold-in", "MAML", "Meta-SGD", "LSTM", "taste", "taste + ALS")
NEED_TORCH = ("matching", "prototypes", "MAML", "MAML, first order", "Reptile", "Meta-SGD", "LSTM")


def methods() -> dict[str, Method]:
    """Return the methods that can be fitted here; those of PyTorch are left out where it is not installed."""
    found: dict[str, Fit] = {
        POPULAR: fit_popular,
        "segment popular": fit_segment_popular,
        "attributes": fit_attributes,
        "EASE": fit_ease,
        "ALS fold-in": fit_als,
        "item-kNN": fit_nearest,
    }
    if find_spec("torch") is not None:
        from benchmarks.few_shot.meta_learners import learners  # noqa: PLC0415  # only where PyTorch is
        from benchmarks.few_shot.metric_learners import METRIC_LEARNERS  # noqa: PLC0415

        found |= METRIC_LEARNERS | learners(DIMENSION)
    found |= {"taste": fit_taste_alone, "taste + ALS": fit_taste_and_als, "taste + ALS + memory": fit_memory}
    return {name: Method(fit) for name, fit in found.items()} | {START: Method(fit_whole_start, is_whole=True)}
