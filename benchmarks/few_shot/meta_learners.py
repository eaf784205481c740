"""Meta-learners that adapt a taste of 16 dimensions by gradient, in five steps over the known products.

The loss of a taste u is the mean negative log-likelihood of the known products under the softmax of ln share + V u. Its
gradient has a closed form, through which PyTorch differentiates once more where a method needs it. All start from
m0 + z A.

References
----------
Finn, Abbeel, Levine 2017 (MAML); Nichol, Achiam, Schulman 2018 (first order, Reptile); Li et al. 2017 (Meta-SGD);
Ravi, Larochelle 2017 (the update as the cell of an LSTM, the same for all coordinates).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch

from benchmarks.few_shot.basics import Basics, Fit, Scorer, Seen
from benchmarks.few_shot.tasks import People
from benchmarks.few_shot.torch_episodes import MOST_KNOWN, Batch, Tasks, doubles, surprise, tensor, train
from dog.models.start.taste import Floats

INNER_STEPS = 5
FIRST_RATE = 0.03
ATTRIBUTE_PENALTY = 75.0
"""Pull of the attributes' effects towards 0, over all contacts trained on."""
REPTILE_RATES = (0.01, 0.02, 0.05, 0.1)
REPTILE_STEPS = 300
REPTILE_MOVE = 0.1
HIDDEN = 16
Step = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""From start, sums of the known vectors and their numbers to adapted tastes."""


class Start:
    """The starting point m0 + z A, and the loss over the catalogue."""

    def __init__(self, tasks: Tasks) -> None:
        self.tasks = tasks
        self.mean = torch.zeros(tasks.vectors.shape[1])
        self.effects = torch.zeros(tasks.encoded.shape[1], tasks.vectors.shape[1])

    def of(self, encoded: torch.Tensor) -> torch.Tensor:
        return self.mean + encoded @ self.effects

    def slope(self, taste: torch.Tensor, sums: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        """Return the gradient of the loss over the known products."""
        expected = torch.softmax(self.tasks.base + taste @ self.tasks.vectors.T, dim=1) @ self.tasks.vectors
        return expected - sums / counts

    def query_loss(self, step: Step) -> torch.Tensor:
        """Return the loss over what came next in a random batch, after adaptation."""
        batch = self.tasks.draw()
        taste = step(self.of(batch.encoded), *evidence(batch, self.tasks.vectors))
        logits = self.tasks.base + taste @ self.tasks.vectors.T
        penalty = ATTRIBUTE_PENALTY / len(self.tasks.sizes) * (self.effects**2).sum()
        return surprise(logits, batch) + penalty / MOST_KNOWN

    def scorer(self, step: Step) -> Scorer:
        """Return the features of a fitted method."""
        vectors = self.tasks.vectors

        def score(seen: Seen) -> list[Floats]:
            with torch.no_grad():
                taste = self.of(tensor(seen.encoded))
                if seen.known.shape[1]:
                    counts = torch.full((len(seen.known), 1), float(seen.known.shape[1]))
                    taste = step(taste, vectors[torch.as_tensor(seen.known)].sum(dim=1), counts)
                return [doubles(taste @ vectors.T)]

        return score


def evidence(batch: Batch, vectors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the sums of the known vectors and their numbers."""
    sums = (vectors[batch.events] * batch.known[:, :, None]).sum(dim=1)
    return sums, batch.known.sum(dim=1, keepdim=True)


def descend(
    start: Start, log_rate: torch.Tensor, exact: bool, taste: torch.Tensor, sums: torch.Tensor, counts: torch.Tensor
) -> torch.Tensor:
    """Take the inner steps; without `exact`, the gradient counts as a constant."""
    for _ in range(INNER_STEPS):
        slope = start.slope(taste, sums, counts)
        taste = taste - torch.exp(log_rate) * (slope if exact else slope.detach())
    return taste


def fit_by_descent(exact: bool, rates: int, people: People, basics: Basics) -> Scorer:
    """Fit MAML, in first order without `exact`; with as many `rates` as dimensions, Meta-SGD."""
    start = Start(Tasks(people, basics))
    log_rate = torch.full((rates,), FIRST_RATE).log()
    step = partial(descend, start, log_rate, exact)
    train([start.mean, start.effects, log_rate], lambda: start.query_loss(step))
    return start.scorer(step)


def fit_reptile(people: People, basics: Basics) -> Scorer:
    """Fit Reptile: move the start towards the tastes that whole episodes lead to; the best rate of four."""
    found: list[tuple[float, Start, Step]] = []
    for rate in REPTILE_RATES:
        start = Start(Tasks(people, basics))
        step: Step = partial(descend, start, torch.tensor([rate]).log(), False)
        with torch.no_grad():
            for done in range(REPTILE_STEPS):
                _move(start, step, REPTILE_MOVE * (1 - done / REPTILE_STEPS))
            losses = [start.query_loss(step).item() for _ in range(20)]
        found.append((sum(losses), start, step))
    _, start, step = min(found, key=lambda one: one[0])
    return start.scorer(step)


def _move(start: Start, step: Step, share: float) -> None:
    batch = start.tasks.draw()
    before = start.of(batch.encoded)
    whole = replace(batch, known=batch.known + batch.wanted)
    after = step(before, *evidence(whole, start.tasks.vectors))
    start.mean += share * (after - before).mean(dim=0)
    shrink = ATTRIBUTE_PENALTY / len(start.tasks.sizes)
    start.effects += share * (batch.encoded.T @ (after - before) / len(after) - shrink * start.effects)


class LearnedUpdate:
    """The update of a coordinate as the cell of an LSTM: it forgets a share of the taste and adds one of the slope."""

    def __init__(self, start: Start) -> None:
        torch.manual_seed(0)
        self.start = start
        self.cell = torch.nn.LSTMCell(3, HIDDEN)
        self.gates = torch.nn.Linear(HIDDEN, 2)
        with torch.no_grad():
            self.gates.weight.mul_(0.1)
            self.gates.bias.copy_(torch.tensor([4.0, -3.5]))  # keep nearly all, step by FIRST_RATE

    def parameters(self) -> list[torch.Tensor]:
        return [*self.cell.parameters(), *self.gates.parameters()]

    def __call__(self, taste: torch.Tensor, sums: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
        origin, state = taste, None
        for _ in range(INNER_STEPS):
            slope = self.start.slope(taste, sums, counts).detach()
            seen = torch.stack([slope, (taste - origin).detach(), counts.log1p().expand_as(slope)], dim=2)
            state = self.cell(seen.reshape(-1, 3), state)
            kept, step = torch.sigmoid(self.gates(state[0])).reshape(*taste.shape, 2).unbind(dim=2)
            taste = origin + kept * (taste - origin) - step * slope
        return taste


def fit_lstm(people: People, basics: Basics) -> Scorer:
    """Fit start and update together."""
    start = Start(Tasks(people, basics))
    update = LearnedUpdate(start)
    train([start.mean, start.effects, *update.parameters()], lambda: start.query_loss(update))
    return start.scorer(update)


def learners(dimension: int) -> dict[str, Fit]:
    """Return the methods of this module by name."""
    return {
        "MAML": partial(fit_by_descent, True, 1),
        "MAML, first order": partial(fit_by_descent, False, 1),
        "Reptile": fit_reptile,
        "Meta-SGD": partial(fit_by_descent, True, dimension),
        "LSTM": fit_lstm,
    }
