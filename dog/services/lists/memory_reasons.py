"""What a receipt tells of the memory of past cases: what contacts like this one did with offers of the category."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dog.core.rationale import SimilarContacts
from dog.models.start.memory import EXPECTED, PITCHES, WINS
from dog.services.lists.recall import Recalled


def describe_memory(recalled: Recalled, options: np.ndarray) -> Iterator[dict[str, Any] | None]:
    """Yield what the memory says of some options of one contact; None where it has nothing of the category.

    `factor` multiplied the odds; it is `ratio` ** `trust` where the bounds of the multiplier allow that.
    """
    memory, records = recalled.memory, recalled.found.records[:, 0]
    contacts, ratios = round(float(recalled.found.contacts[0])), recalled.found.ratios[0].tolist()
    wins, pitches, expected = (records[row].tolist() for row in (WINS, PITCHES, EXPECTED))
    for category, factor in zip(recalled.category[options].tolist(), recalled.factor[options].tolist(), strict=True):
        if category == len(memory.categories) or not pitches[category]:
            yield None
            continue
        yield {
            "ratio": ratios[category],
            "trust": memory.trust,
            "factor": factor,
            "contacts_like_this": contacts,
            "category": memory.categories[category],
            "wins": wins[category],
            "pitches": pitches[category],
            "expected": expected[category],
        }


def similar_contacts(receipts: Sequence[Mapping[str, Any]]) -> Iterator[SimilarContacts | None]:
    """Yield what the rationale tells of each receipt's memory; None where it has none."""
    for receipt in receipts:
        told = receipt["performance"].get("memory")
        yield told and SimilarContacts(
            contacts=told["contacts_like_this"],
            category=told["category"],
            wins=round(told["wins"]),
            pitches=round(told["pitches"]),
            expected=told["expected"],
            factor=told["factor"],
        )
