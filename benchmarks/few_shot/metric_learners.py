"""Learners of a metric between products: matching networks and prototypes, over a learned projection of the vectors.

References
----------
Vinyals et al. 2016 (matching networks); Snell, Swersky, Zemel 2017 (prototypes).
"""

import numpy as np
import torch

from benchmarks.few_shot.basics import Basics, Fit, Scorer, Seen
from benchmarks.few_shot.tasks import People
from benchmarks.few_shot.torch_episodes import Batch, Tasks, doubles, surprise, train
from dog.models.start.taste import Floats

FIRST_SHARPNESS = 0.3
FIRST_WEIGHT = 0.1
METRIC_STEPS = 150


def fit_matching(people: People, basics: Basics) -> Scorer:
    """Score a product by its mean similarity to the known ones: the exponential of cosine over sharpness."""
    tasks = Tasks(people, basics)
    projection, log_sharpness, weight = torch.eye(tasks.vectors.shape[1]), torch.tensor(FIRST_SHARPNESS).log(), one()

    def kernel() -> torch.Tensor:
        own = torch.nn.functional.normalize(tasks.vectors @ projection, dim=1)
        return (own @ own.T) / log_sharpness.exp()

    def loss() -> torch.Tensor:
        batch = tasks.draw()
        near = kernel()[batch.events] + (batch.known.log())[:, :, None]
        found = torch.logsumexp(near, dim=1) - batch.known.sum(dim=1, keepdim=True).log()
        return surprise(tasks.base + weight * found, batch)

    train([projection, log_sharpness, weight], loss, METRIC_STEPS)
    similar = np.exp(doubles(kernel()))

    def score(seen: Seen) -> list[Floats]:
        total = np.zeros((len(seen.known), len(similar)))
        for position in range(seen.known.shape[1]):
            total += similar[seen.known[:, position]]
        return [np.log(total / max(1, seen.known.shape[1])) if seen.known.shape[1] else total]

    return score


def fit_prototypes(people: People, basics: Basics) -> Scorer:
    """Score a product by its squared distance to the mean of the known ones."""
    tasks = Tasks(people, basics)
    projection, weight = torch.eye(tasks.vectors.shape[1]), one()

    def distances(own: torch.Tensor, centre: torch.Tensor) -> torch.Tensor:
        return (own**2).sum(dim=1) - 2 * centre @ own.T + (centre**2).sum(dim=1, keepdim=True)

    def loss() -> torch.Tensor:
        batch = tasks.draw()
        own = tasks.vectors @ projection
        return surprise(tasks.base - weight * distances(own, _centre(own, batch)), batch)

    train([projection, weight], loss, METRIC_STEPS)
    own = tasks.vectors @ projection

    def score(seen: Seen) -> list[Floats]:
        if not seen.known.shape[1]:
            return [np.zeros((len(seen.known), len(own)))]
        return [-doubles(distances(own, own[torch.as_tensor(seen.known)].mean(dim=1)))]

    return score


def one() -> torch.Tensor:
    return torch.tensor(FIRST_WEIGHT)


def _centre(own: torch.Tensor, batch: Batch) -> torch.Tensor:
    return (own[batch.events] * batch.known[:, :, None]).sum(dim=1) / batch.known.sum(dim=1, keepdim=True)


METRIC_LEARNERS: dict[str, Fit] = {"matching": fit_matching, "prototypes": fit_prototypes}
