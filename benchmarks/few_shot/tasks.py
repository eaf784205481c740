"""A data set as the benchmark sees it: contacts with histories and attributes, some of them to train on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dog.models.start.attribute_encoder import AttributeEncoder
from dog.models.start.histories import Histories
from dog.models.start.taste import Floats

SPLIT_SEED = 1
SEGMENT = "segment"
"""The attribute whose values are the segments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Contacts.

    Parameters
    ----------
    histories
        What they bought, in order.
    records
        Their attributes.
    encoded
        The same as numbers, shape (contacts, columns).
    segments
        Number of the segment, -1 for none, shape (contacts,).

    """

    histories: Histories
    records: tuple[Mapping[str, Any], ...]
    encoded: Floats
    segments: np.ndarray

    def __len__(self) -> int:
        return len(self.histories)

    def select(self, contacts: np.ndarray) -> "People":
        """Return some contacts, by mask or numbers."""
        return People(
            histories=self.histories.select(contacts),
            records=tuple(self.records[contact] for contact in np.arange(len(self))[contacts].tolist()),
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
    cut: pd.Timestamp | None = None,
) -> list[Task]:
    """Split the contacts at random into halves, and return a task that trains on each and tests on the other.

    `events` has the columns contact_id, product_id, occurred_at; `attributes` has a row for each contact_id, its index.
    With `cut`, training sees events before it alone, and tests see events from then on.
    """
    ids = np.sort(events["contact_id"].unique())
    order = np.random.default_rng(SPLIT_SEED).permutation(len(ids))
    halves = [set(ids[part]) for part in np.array_split(order, 2)]
    return [_task(name, events, attributes, cut, half) for half in halves]


def _task(
    name: str, events: pd.DataFrame, attributes: pd.DataFrame, cut: pd.Timestamp | None, trained_ids: set[str]
) -> Task:
    if cut is not None:
        events = events[events["contact_id"].isin(trained_ids) == (events["occurred_at"] < cut)]
    contacts, products = np.sort(events["contact_id"].unique()), np.sort(events["product_id"].unique())
    histories = Histories.of(
        np.asarray(pd.Categorical(events["contact_id"], contacts).codes),
        np.asarray(pd.Categorical(events["product_id"], products).codes),
        events["occurred_at"].to_numpy(),
        (len(contacts), len(products)),
    )
    records = [_known(row) for row in attributes.reindex(contacts).to_dict("records")]
    trained = np.array([contact in trained_ids for contact in contacts])
    encoder = AttributeEncoder.fit([record for record, own in zip(records, trained.tolist(), strict=True) if own])
    names = sorted({str(record[SEGMENT]) for record in records if SEGMENT in record})
    segments = [names.index(str(record[SEGMENT])) if SEGMENT in record else -1 for record in records]
    people = People(
        histories=histories,
        records=tuple(records),
        encoded=encoder.encode_all(records),
        segments=np.array(segments, np.int64),
    )
    return Task(name=name, trained=people.select(trained), tested=people.select(~trained))


def _known(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if not pd.isna(value)}


def shuffled(task: Task, seed: int = 0) -> Task:
    """Return the task as noise: the i-th products of all contacts change hands, so that nothing is personal."""
    chance = np.random.default_rng(seed)
    return replace(task, name="noise", trained=_exchanged(task.trained, chance), tested=_exchanged(task.tested, chance))


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
