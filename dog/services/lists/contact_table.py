"""Contacts beside each other as columns of what Redis stores: ranking many reads few of them one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from typing import Any, Self

import numpy as np

from dog.services.lists.read_contact import NO_OUTCOMES, NO_PAIRS, NO_PURCHASES, NO_VERDICTS, ContactState
from dog.storage.choice_records import unpack_choices

Arrays = Mapping[int, np.ndarray]
"""Arrays of the contacts that have one, by the contact's place; most contacts have no feedback."""
WORD = np.dtype("<u8")
MISSING = 0xFFFFFFFFFFFFFFFF
"""In the place of the time of its scores: a contact has none. The script `scores_of_product` writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedScores:
    """One model's packed arrays of scores of some contacts, end to end."""

    words: np.ndarray  # of 8 bytes: of each contact the time of its scores, then its records of `SCORES`
    bounds: np.ndarray  # where each contact's words begin, and the end of the last, shape (contacts + 1,)

    @classmethod
    def of(cls, packed: Sequence[bytes | None]) -> Self:
        """Join the arrays of contacts, None where a contact has none."""
        words = np.frombuffer(b"".join(filter(None, packed)), WORD)
        ends = accumulate((len(own) // WORD.itemsize if own else 0 for own in packed), initial=0)
        return cls(words=words, bounds=np.array([*ends]))  # for one contact numpy's sums take longer

    @classmethod
    def of_product(cls, cut: bytes) -> Self:
        """Return what the script `scores_of_product` answers: two words a contact."""
        words = np.frombuffer(cut, WORD).reshape(-1, 2)
        present = words[:, 0] != MISSING
        return cls(words=words[present].ravel(), bounds=np.concatenate([[0], 2 * present.cumsum()]))

    def __getitem__(self, place: int) -> bytes | None:
        """Return one contact's array as it is stored."""
        return self.words[self.bounds[place] : self.bounds[place + 1]].tobytes() or None


@dataclass(frozen=True, slots=True, kw_only=True)
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
        alone = contacts[0] if len(contacts) == 1 else None  # its scores stay as they were read
        models = [] if alone else dict.fromkeys(chain.from_iterable(contact.packed_scores for contact in contacts))
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
            alone=alone,
        )

    def __len__(self) -> int:
        return len(self.digests)

    def join_scores(self, models: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Join the packed scores of models.

        Returns
        -------
        All words, and where those of each model and contact begin, and the end of the last, shape
        (models, contacts + 1).

        """
        if self.alone is not None:
            packed = [self.alone.packed_scores.get(model) or b"" for model in models]
            ends = [*accumulate([len(own) // WORD.itemsize for own in packed], initial=0)]
            return np.frombuffer(b"".join(packed), WORD), np.array([*pairwise(ends)], np.int64).reshape(-1, 2)
        bounds, end, words = np.zeros((len(models), len(self) + 1), np.int64), 0, [np.zeros(0, WORD)]
        for row, model in zip(bounds, models, strict=True):
            if (own := self.scores.get(model)) is not None:
                row[:] = own.bounds + end
                end += len(own.words)
                words.append(own.words)
        return np.concatenate(words), bounds

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
        ledgers = [
            (place, ledger)
            for place in sorted(self.outcomes.keys() | self.verdicts.keys())
            for ledger in (self.outcomes.get(place), self.verdicts.get(place))
            if ledger is not None
        ]
        sizes, end = np.zeros(len(self) + 1, np.int64), 0
        events = np.empty((sum(len(ledger) for _, ledger in ledgers), 3), np.int64)
        for place, ledger in ledgers:
            rows = events[end : end + len(ledger)]
            rows[:, 0], rows[:, 1], rows[:, 2] = ledger["type"], ledger["product"], ledger["at"]
            sizes[place + 1] += len(ledger)
            end += len(ledger)
        return events, sizes.cumsum()

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
