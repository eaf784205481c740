"""Contacts beside each other as columns of what Redis stores: ranking many reads few of them one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any, Self

import numpy as np

from dog.core.kernels.past_events import unpack_events
from dog.services.lists.read_contact import NO_OUTCOMES, NO_PAIRS, NO_PURCHASES, NO_VERDICTS, ContactState
from dog.storage.choice_records import unpack_choices

Arrays = Mapping[int, np.ndarray]
"""Arrays of the contacts that have one, by the contact's place; most contacts have no feedback."""
CELL = np.dtype("<u4")
MISSING = 0xFFFFFFFF
"""In the place of the upper half of the time of its scores: a contact has none. `scores_of_product` writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedScores:
    """One model's packed arrays of scores of some contacts, end to end."""

    cells: np.ndarray  # of 4 bytes
    bounds: np.ndarray  # where each contact's cells begin, and the end of the last, shape (contacts + 1,)

    @classmethod
    def of(cls, packed: Sequence[bytes | None]) -> Self:
        """Join the arrays of contacts, None where a contact has none."""
        cells = np.frombuffer(b"".join(filter(None, packed)), CELL)
        ends = accumulate((len(own) // CELL.itemsize if own else 0 for own in packed), initial=0)
        return cls(cells=cells, bounds=np.array([*ends]))  # for one contact numpy's sums take longer

    @classmethod
    def of_product(cls, cut: bytes) -> Self:
        """Return what the script `scores_of_product` answers: a time and a record a contact."""
        cells = np.frombuffer(cut, CELL).reshape(-1, 4)
        present = cells[:, 1] != MISSING
        return cls(cells=cells[present].ravel(), bounds=np.concatenate([[0], 4 * present.cumsum()]))

    def __getitem__(self, place: int) -> bytes | None:
        """Return one contact's array as it is stored."""
        return self.cells[self.bounds[place] : self.bounds[place + 1]].tobytes() or None


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for each list, and takes a fifth of the time
class ContactTable(Sequence[ContactState]):
    """Contacts with what ranks them; one that is read by its place lacks what only a receipt tells."""

    digests: Sequence[bytes]
    records: Sequence[Mapping[str, Any] | None]
    scores: Mapping[str, PackedScores]  # by model
    pairs: Arrays
    verdicts: Arrays
    outcomes: Arrays
    purchases: Arrays
    alone: ContactState | None = None  # the only contact, as it was read

    @classmethod
    def of(cls, contacts: Sequence[ContactState]) -> "ContactTable":
        """Return contacts as a table."""
        if isinstance(contacts, ContactTable):
            return contacts
        if len(contacts) == 1:
            return cls._of_one(contacts[0])
        models = dict.fromkeys(chain.from_iterable(contact.packed_scores for contact in contacts))
        return cls(
            digests=[contact.digest for contact in contacts],
            records=[contact.record for contact in contacts],
            scores={
                model: PackedScores.of([contact.packed_scores.get(model) for contact in contacts]) for model in models
            },
            pairs=_filled([contact.pairs for contact in contacts]),
            verdicts=_filled([contact.verdict_ledger for contact in contacts]),
            outcomes=_filled([contact.outcome_ledger for contact in contacts]),
            purchases=_filled(
                [NO_PURCHASES if contact.purchases is None else contact.purchases for contact in contacts]
            ),
        )

    @classmethod
    def _of_one(cls, contact: ContactState) -> "ContactTable":
        """Return a table of one contact, whose scores stay as they were read."""
        pairs, verdicts, outcomes = contact.pairs, contact.verdict_ledger, contact.outcome_ledger
        purchases = contact.purchases
        return cls(
            digests=[contact.digest],
            records=[contact.record],
            scores={},
            pairs={0: pairs} if len(pairs) else {},
            verdicts={0: verdicts} if len(verdicts) else {},
            outcomes={0: outcomes} if len(outcomes) else {},
            purchases={} if purchases is None or not len(purchases) else {0: purchases},
            alone=contact,
        )

    def __len__(self) -> int:
        return len(self.digests)

    def join_scores(self, models: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Join the packed scores of models.

        Returns
        -------
        All cells, and where those of each model and contact begin, and the end of the last, shape
        (models x contacts + 1,).

        """
        if self.alone is not None:
            packed = [self.alone.packed_scores.get(model) or b"" for model in models]
            ends = [0]
            for own in packed:
                ends.append(ends[-1] + len(own) // CELL.itemsize)
            return np.frombuffer(b"".join(packed), CELL), np.array(ends)
        bounds, end, parts = [np.zeros(1, np.int64)], 0, [np.zeros(0, CELL)]
        for model in models:
            of_model = self.scores.get(model)
            bounds.append(np.full(len(self), end) if of_model is None else of_model.bounds[1:] + end)
            if of_model is not None:
                end += len(of_model.cells)
                parts.append(of_model.cells)
        return np.concatenate(parts), np.concatenate(bounds)

    def __getitem__(self, place: Any) -> Any:
        """Return one contact."""
        if self.alone is not None:
            return self.alone
        return ContactState(
            digest=self.digests[place],
            record=self.records[place],
            packed_scores={model: packed[place] for model, packed in self.scores.items()},
            laps=0,
            recursions=0,
            pairs=self.pairs.get(place, NO_PAIRS),
            verdict_ledger=self.verdicts.get(place, NO_VERDICTS),
            outcome_ledger=self.outcomes.get(place, NO_OUTCOMES),
            choices=unpack_choices(None),
            purchases=self.purchases.get(place),
        )

    def events(self) -> tuple[np.ndarray, np.ndarray]:
        """Return type, product and time of all events, contact by contact, shape (events, 3), and their bounds."""
        outcomes, verdicts = self.outcomes, self.verdicts
        if self.alone is not None:
            events = unpack_events(outcomes.get(0, NO_OUTCOMES), verdicts.get(0, NO_VERDICTS))
            return events, np.array([0, len(events)])
        sizes, parts = np.zeros(len(self) + 1, np.int64), [np.empty((0, 3), np.int64)]
        for place in sorted(outcomes.keys() | verdicts.keys()):
            parts.append(unpack_events(outcomes.get(place, NO_OUTCOMES), verdicts.get(place, NO_VERDICTS)))
            sizes[place + 1] = len(parts[-1])
        return np.concatenate(parts), sizes.cumsum()

    def attribute(self, column: str) -> list[Any]:
        """Return an attribute of each contact by its name in conditions, such as `contact.segment`; None where none."""
        name = column.removeprefix("contact.")
        name = "contact_id" if name == "id" else name
        return [record.get(name) if record else None for record in self.records]


def joined(arrays: Arrays, kind: np.dtype[Any]) -> np.ndarray:
    """Join arrays of records in the order of the contacts; `np.concatenate` compares the fields of each."""
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    return np.frombuffer(b"".join([own.tobytes() for own in arrays.values()]), kind)


def bounds_of(arrays: Arrays, contacts: int) -> np.ndarray:
    """Return where each contact's records begin when they are joined, and the end of the last."""
    if contacts == 1:
        return np.array([0, len(arrays[0]) if arrays else 0])
    sizes = np.zeros(contacts + 1, np.int64)
    for place, own in arrays.items():
        sizes[place + 1] = len(own)
    return sizes.cumsum()


def _filled(arrays: Sequence[np.ndarray]) -> Arrays:
    return {place: own for place, own in enumerate(arrays) if len(own)}
