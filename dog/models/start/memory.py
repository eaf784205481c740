"""Memory of past cases: what contacts like this one did with offers of each category.

A slot holds one contact: its key (encoded attributes and adapted taste) and its settled pitches by category: wins,
pitches, and the wins that models and product records expected. A read weighs the slots by a = softmax(cosine /
temperature), which is worth n_eff = 1 / a'a contacts; a write takes the place of the slot that was used least recently.

References
----------
Santoro, Bartunov, Botvinick, Wierstra, Lillicrap 2016, "Meta-Learning with Memory-Augmented Neural Networks": content-
based read, least recently used access. Here keys come from the model `start`, and values are counts.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from dog.core.learning.expected_wins import pair_ratios
from dog.models.start.taste import Floats

SLOTS = 1_024
TEMPERATURE = 0.1
"""With cosines between -1 and 1 a read is worth some dozens of the 1,024 slots."""
WINS, PITCHES, EXPECTED = 0, 1, 2
"""Rows of a record."""
NOBODY = np.uint64(0)
LEAST_NORM = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKeys:
    """How encoded attributes and tastes become keys: each part has the same length on average."""

    centre: Floats  # taste of the average contact
    attribute_length: float
    taste_length: float

    @classmethod
    def fit(cls, encoded: Floats, tastes: Floats) -> Self:
        """Return the scales of some contacts, shape (contacts, ...) each, at least one contact."""
        centre = tastes.mean(axis=0)
        return cls(
            centre=centre,
            attribute_length=_mean_length(encoded),
            taste_length=_mean_length(tastes - centre),
        )

    def of(self, encoded: Floats, tastes: Floats) -> Floats:
        """Return keys of length 1, shape (contacts, columns + dimension); 0 where nothing is known of a contact."""
        parts = (encoded / self.attribute_length, (tastes - self.centre) / self.taste_length)
        return unit_length(np.concatenate(parts, axis=1))


def owner_of(digest: bytes) -> int:
    """Return the number by which a contact's slot is known."""
    return int.from_bytes(digest[:8], "little")


def _mean_length(rows: Floats) -> float:
    return float(np.sqrt((rows**2).sum(axis=1).mean())) or 1.0


def unit_length(keys: Floats) -> Floats:
    """Return rows scaled to length 1; 0 stays 0."""
    return np.asarray(keys / np.maximum(np.linalg.norm(keys, axis=1, keepdims=True), LEAST_NORM))


@dataclass(frozen=True, slots=True)
class Recollection:
    """What contacts like some others did: n_eff, and (wins, pitches, expected wins) of that number of contacts.

    Shapes (contacts,) and (3, contacts, categories).
    """

    contacts: Floats
    records: Floats

    @property
    def ratios(self) -> Floats:
        """(2 + n_eff a'W) / (2 + n_eff a'E), shape (contacts, categories): above 1 where more was won than expected."""
        return pair_ratios(self.records[WINS], self.records[EXPECTED])


@dataclass(slots=True, kw_only=True)
class CaseMemory:
    """A bounded number of slots; those never written have `used` 0 and are not read.

    Examples
    --------
    >>> memory = CaseMemory.empty(slots=2, dimension=2, categories=1)
    >>> for owner, key in ((1, [1.0, 0.0]), (2, [0.0, 1.0])):
    ...     _ = memory.write(owner, np.array(key), np.array([[1.0], [4.0], [2.0]]))
    >>> memory.mark(memory.attention(np.array([[1.0, 0.0]])))
    >>> _ = memory.write(3, np.array([-1.0, 0.0]), np.array([[0.0], [4.0], [2.0]]))
    >>> sorted(memory.owners.tolist())
    [1, 3]

    """

    keys: Floats  # of length 1, shape (slots, dimension)
    records: Floats  # shape (3, slots, categories)
    owners: np.ndarray  # whose slot it is, `NOBODY` where it does not matter, shape (slots,)
    used: np.ndarray  # when each slot was last written or read, in writes and reads, shape (slots,)
    temperature: float = TEMPERATURE
    clock: int = field(init=False)

    def __post_init__(self) -> None:
        self.clock = int(self.used.max(initial=0))

    @classmethod
    def empty(cls, *, slots: int = SLOTS, dimension: int, categories: int) -> Self:
        """Return a memory without any case."""
        return cls(
            keys=np.zeros((slots, dimension)),
            records=np.zeros((3, slots, categories)),
            owners=np.zeros(slots, np.uint64),
            used=np.zeros(slots, np.int64),
        )

    def __len__(self) -> int:
        """Return the number of slots that hold a case."""
        return int((self.used > 0).sum())

    def attention(self, keys: Floats, owners: np.ndarray | None = None) -> Floats:
        """Return the weights a of the slots for keys of length 1, shape (keys, slots).

        They sum to 1, or are all 0 where no slot may be read. `owners` says whose keys these are, shape (keys,): the
        own slot is no other contact like this one, and is left out.
        """
        odds = keys @ self.keys.T / self.temperature
        readable = np.broadcast_to(self.used > 0, odds.shape)
        if owners is not None:
            readable = readable & ((self.owners != owners[:, None]) | (self.owners == NOBODY))
        odds = np.where(readable, odds, -np.inf)
        highest = odds.max(axis=1, keepdims=True, initial=-1e300)
        weights = np.exp(odds - highest)
        return np.asarray(weights / np.maximum(weights.sum(axis=1, keepdims=True), LEAST_NORM))

    def read(self, keys: Floats, owners: np.ndarray | None = None) -> Recollection:
        """Return what contacts like some others did; arguments as in `attention`. The memory does not change."""
        weights = self.attention(keys, owners)
        squared = (weights**2).sum(axis=1)
        contacts = np.divide(1.0, squared, out=np.zeros(len(squared)), where=squared > 0)
        return Recollection(contacts, contacts[:, None] * (weights @ self.records))

    def mark(self, weights: Floats) -> None:
        """Note that slots were used, given the weights of reads: those that make up n_eff, a >= a'a."""
        self.clock += 1
        used = (weights >= (weights**2).sum(axis=1, keepdims=True) * (1 - 1e-9)) & (weights > 0)
        self.used[used.any(axis=0)] = self.clock

    def write(self, owner: int, key: Floats, record: Floats) -> int:
        """Write a case to the slot that was used least recently, the first of several; return its number.

        `key` has length 1, `record` is (wins, pitches, expected wins) by category.
        """
        self.clock += 1
        slot = int(np.argmin(self.used))
        self.keys[slot], self.records[:, slot], self.owners[slot] = key, record, owner
        self.used[slot] = self.clock
        return slot

    def forget(self, owner: int) -> bool:
        """Empty the slots of a contact; return whether there were any."""
        own = self.owners == owner
        self.keys[own], self.records[:, own], self.owners[own], self.used[own] = 0.0, 0.0, NOBODY, 0
        return bool(own.any())
