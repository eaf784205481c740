"""A data set as the benchmark sees it: contacts with histories and attributes, some of them to train on."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dog.models.start.histories import Histories
from dog.models.start.taste import Floats

SPLIT_SEED = 1
LEAST_OF_VALUE = 10
"""Contacts that must share a value of an attribute for it to be a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Contacts: histories, encoded attributes of shape (contacts, attributes), number of the segment (contacts,)."""

    histories: Histories
    encoded: Floats
    segments: np.ndarray

    def __len__(self) -> int:
        return len(self.histories)

    def select(self, contacts: np.ndarray) -> "People":
        """Return some contacts, by mask or numbers."""
        return People(
            histories=self.histories.select(contacts),
            encoded=self.encoded[contacts],
            segments=self.segments[contacts],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A data set: its contacts, those to train on and those to test with."""

    name: str
    trained: People
    tested: People

    @property
    def product_count(self) -> int:
        return self.trained.histories.product_count


def make_halves(
    name: str,
    events: pd.DataFrame,
    attributes: pd.DataFrame,
    *,
    segment: str,
    cut: pd.Timestamp | None = None,
) -> list[Task]:
    """Split the contacts at random into halves, and return a task that trains on each and tests on the other.

    `events` has the columns contact_id, product_id, occurred_at; `attributes` has a row for each contact_id, its index.
    `segment` is the attribute whose values are the segments. With `cut`, training sees events before it alone, and
    tests see events from then on.
    """
    ids = np.sort(events["contact_id"].unique())
    order = np.random.default_rng(SPLIT_SEED).permutation(len(ids))
    halves = [set(ids[part]) for part in np.array_split(order, 2)]
    return [_task(name, events, attributes, segment, cut, half) for half in halves]


def _task(
    name: str,
    events: pd.DataFrame,
    attributes: pd.DataFrame,
    segment: str,
    cut: pd.Timestamp | None,
    trained_ids: set[str],
) -> Task:
    if cut is not None:
        events = events[events["contact_id"].isin(trained_ids) == (events["occurred_at"] < cut)]
    people, contacts = _people(events, attributes, segment)
    trained = np.array([contact in trained_ids for contact in contacts])
    return Task(name=name, trained=people.select(trained), tested=people.select(~trained))


def _people(events: pd.DataFrame, attributes: pd.DataFrame, segment: str) -> tuple[People, np.ndarray]:
    contacts, products = np.sort(events["contact_id"].unique()), np.sort(events["product_id"].unique())
    histories = Histories.of(
        np.asarray(pd.Categorical(events["contact_id"], contacts).codes),
        np.asarray(pd.Categorical(events["product_id"], products).codes),
        events["occurred_at"].to_numpy(),
        (len(contacts), len(products)),
    )
    own = attributes.reindex(contacts)
    segments = pd.Categorical(own[segment].astype(str)).codes.astype(np.int64)
    return People(histories=histories, encoded=encode(own), segments=segments), contacts


def encode(attributes: pd.DataFrame) -> Floats:
    """Return numbers standardised and words as columns of 0 and 1, all 0 on average; unknown values are average."""
    blocks = [np.zeros((len(attributes), 0))]
    for name in attributes.columns:
        column = attributes[name]
        if pd.api.types.is_numeric_dtype(column):
            blocks.append(((column - column.mean()) / column.std()).fillna(0.0).to_numpy(np.float64)[:, None])
            continue
        marks = pd.get_dummies(column).astype(np.float64)
        marks = marks.loc[:, marks.sum() >= LEAST_OF_VALUE]
        known = column.notna().to_numpy()
        blocks.append((marks - marks[known].mean()).to_numpy() * known[:, None])
    encoded = np.hstack(blocks)
    return np.asarray(encoded - encoded.mean(axis=0))


def shuffled(task: Task, seed: int = 0) -> Task:
    """Return the task as noise: the i-th products of all contacts change hands, so that nothing is personal."""
    chance = np.random.default_rng(seed)
    return Task(
        name="noise",
        trained=_exchanged(task.trained, chance),
        tested=_exchanged(task.tested, chance),
    )


def _exchanged(people: People, chance: np.random.Generator) -> People:
    """Permute each position over the contacts; a product that a contact gets twice counts once."""
    longest = int(people.histories.sizes.max(initial=0))
    events = people.histories.between(0, longest)
    for position in range(longest):
        holders = np.flatnonzero(events[:, position] >= 0)
        events[holders, position] = events[chance.permutation(holders), position]
    contacts, positions = np.nonzero(events >= 0)
    counts = (len(people), people.histories.product_count)
    return replace(people, histories=Histories.of(contacts, events[contacts, positions], positions, counts))
