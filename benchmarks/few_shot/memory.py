"""A memory of past cases (Santoro et al. 2016): keys of contacts, and what they bought next.

Read by the softmax of cosines; where it is full, the slot that was used least recently is written over. What is read
is a ratio: what contacts like this one bought, over what popularity expected of them.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.few_shot.basics import Basics, Scorer, Seen
from benchmarks.few_shot.start_scores import adapt, fit_taste_and_als, fit_tastes
from benchmarks.few_shot.tasks import People
from dog.models.start.episodes import cut
from dog.models.start.taste import Floats

SLOTS = 1024
SHARPNESS = 0.15
"""Cosine by which the weight of a slot falls to 1 / e."""
PRIOR_EVENTS = 2.0
"""Cases that the memory must outweigh."""


class Memory:
    """Slots of a key, what was bought and what was expected."""

    def __init__(self, slots: int, sizes: tuple[int, int], sharpness: float) -> None:
        """Make empty slots; `sizes` are the length of a key and the number of products."""
        self.sharpness = sharpness
        self.keys = np.zeros((slots, sizes[0]))
        self.bought, self.expected = np.zeros((2, slots, sizes[1]))
        self.used = np.zeros(slots, np.int64)
        self.filled = 0
        self.clock = 0

    def attend(self, keys: Floats) -> Floats:
        """Return the weights of the slots, shape (keys, slots)."""
        stored = self.keys[: self.filled]
        norms = np.outer(np.linalg.norm(keys, axis=1), np.linalg.norm(stored, axis=1))
        cosines = (keys @ stored.T) / np.maximum(norms, 1e-12)
        weights = np.exp((cosines - cosines.max(axis=1, keepdims=True)) / self.sharpness)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def touch(self, key: Floats) -> None:
        """Mark the slot nearest to a key as used."""
        if self.filled:
            self.clock += 1
            self.used[int(self.attend(key[None])[0].argmax())] = self.clock

    def write(self, key: Floats, bought: Floats, expected: Floats) -> None:
        """Keep a case, in place of the one used least recently where the memory is full."""
        self.clock += 1
        slot = self.filled if self.filled < len(self.keys) else int(self.used.argmin())
        self.filled = max(self.filled, slot + 1)
        self.keys[slot], self.bought[slot], self.expected[slot], self.used[slot] = key, bought, expected, self.clock

    def log_ratios(self, keys: Floats) -> Floats:
        """Return ln((2 + n a'W) / (2 + n a'E)), n = 1 / a'a being the number of cases that count; (keys, products)."""
        weights = self.attend(keys)
        cases = 1 / (weights**2).sum(axis=1, keepdims=True)
        bought, expected = weights @ self.bought[: self.filled], weights @ self.expected[: self.filled]
        return np.asarray(np.log((PRIOR_EVENTS + cases * bought) / (PRIOR_EVENTS + cases * expected)))


def fit_memory(people: People, basics: Basics) -> Scorer:
    """Remember the contacts trained on, one memory for each number of events, beside the features of `start`."""
    tastes, features = fit_tastes(people, basics), fit_taste_and_als(people, basics)
    memories: dict[int, Memory] = {}

    def keys_of(seen: Seen) -> Floats:
        spread = np.sqrt(np.diag(tastes.prior.covariance) * len(tastes.prior.covariance))
        attributes = seen.encoded / np.sqrt(max(1, seen.encoded.shape[1]))
        return np.hstack([attributes, adapt(tastes, basics, seen) / spread])

    def memory_after(events: int) -> Memory:
        if events not in memories:
            memories[events] = _remember(people, basics, events, keys_of)
        return memories[events]

    return lambda seen: [*features(seen), memory_after(seen.known.shape[1]).log_ratios(keys_of(seen))]


def _remember(people: People, basics: Basics, events: int, keys_of: Callable[[Seen], Floats]) -> Memory:
    episodes = cut(people.histories, events)
    expected = 1 / (1 + np.exp(-basics.hazard))
    keys = keys_of(Seen.of(people, episodes))
    memory = Memory(SLOTS, (keys.shape[1], len(expected)), SHARPNESS)
    for key, wanted, open_ in zip(keys, episodes.wanted, episodes.open, strict=True):
        memory.touch(key)
        memory.write(key, wanted.astype(np.float64), expected * open_)
    return memory
