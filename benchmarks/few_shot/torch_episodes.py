"""Episodes as tensors, and the training loop that the learners fitted by gradient share."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from benchmarks.few_shot.basics import Basics
from benchmarks.few_shot.tasks import People
from dog.models.start.episodes import WANTED
from dog.models.start.taste import FIRST_EVENTS, Floats

MOST_KNOWN = 10
META_STEPS = 300
META_RATE = 0.01
BATCH = 64
SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Contacts of a step: events, which of them are known and which are wanted, attributes."""

    events: torch.Tensor  # shape (contacts, 20), 0 behind the last
    known: torch.Tensor  # shape (contacts, 20), 1 or 0
    wanted: torch.Tensor  # shape (contacts, 20), 1 or 0
    encoded: torch.Tensor  # shape (contacts, attributes)


class Tasks:
    """Draws batches of the contacts to train on, each cut after 1 to 10 of its events."""

    def __init__(self, people: People, basics: Basics) -> None:
        torch.set_num_threads(1)
        usable = people.select(people.histories.sizes >= 2)
        self.sizes = np.minimum(usable.histories.sizes, FIRST_EVENTS)
        self.events = usable.histories.between(0, FIRST_EVENTS)
        self.encoded = usable.encoded
        self.vectors = tensor(basics.vectors)
        self.base = tensor(np.log(basics.first_shares))
        self.chance = np.random.default_rng(SEED)

    def draw(self) -> Batch:
        """Draw a batch."""
        chosen = self.chance.integers(0, len(self.sizes), BATCH)
        sizes = self.sizes[chosen]
        cuts = self.chance.integers(1, np.minimum(sizes - 1, MOST_KNOWN) + 1)
        positions = np.arange(FIRST_EVENTS)
        later = (positions >= cuts[:, None]) & (positions < np.minimum(sizes, cuts + WANTED)[:, None])
        return Batch(
            events=torch.as_tensor(np.maximum(self.events[chosen], 0)),
            known=tensor(positions < cuts[:, None]),
            wanted=tensor(later),
            encoded=tensor(self.encoded[chosen]),
        )


def tensor(values: np.ndarray) -> torch.Tensor:
    """Return values as a tensor of single precision."""
    return torch.as_tensor(np.asarray(values, np.float32))


def surprise(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the mean over contacts of the mean negative log-likelihood of the wanted products."""
    found = torch.log_softmax(logits, dim=1).gather(1, batch.events)
    return -((found * batch.wanted).sum(dim=1) / batch.wanted.sum(dim=1)).mean()


def train(parameters: list[torch.Tensor], loss: Callable[[], torch.Tensor], steps: int = META_STEPS) -> None:
    """Minimise a loss over random batches with Adam; the rate falls to 0."""
    for parameter in parameters:
        parameter.requires_grad_(True)
    optimiser = torch.optim.Adam(parameters, lr=META_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        loss().backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        schedule.step()
    for parameter in parameters:
        parameter.requires_grad_(False)


def doubles(values: torch.Tensor) -> Floats:
    """Return a tensor as an array of double precision."""
    return values.detach().numpy().astype(np.float64)
