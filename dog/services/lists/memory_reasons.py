"""What a receipt tells of the memory of past cases: what contacts like this one did with offers of the category."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dog.core.rationale import SimilarContacts
from dog.models.start.memory import EXPECTED, PITCHES, WINS
from dog.services.lists.recall import Recalled


def describe_memory(recalled: Recalled | None, options: np.ndarray) -> list[dict[str, Any] | None]:
    """Return what the memory says of some options of one contact; None where it has nothing of the category.

    `factor` multiplied the odds; it is `ratio` ** `trust` where the bounds of the multiplier allow that.
    """
    if recalled is None:
        return [None] * len(options)
    memory, records = recalled.memory, recalled.found.records[:, 0]
    contacts, ratios = round(float(recalled.found.contacts[0])), recalled.found.ratios[0].tolist()
    wins, pitches, expected = (records[row].tolist() for row in (WINS, PITCHES, EXPECTED))
    return [
        None
        if category == len(memory.categories) or not pitches[category]
        else {
            "ratio": ratios[category],
            "trust": memory.trust,
            "factor": factor,
            "contacts_like_this": contacts,
            "category": memory.categories[category],
            "wins": wins[category],
            "pitches": pitches[category],
            "expected": expected[category],
        }
        for category, factor in zip(recalled.category[options].tolist(), recalled.factor[options].tolist(), strict=True)
    ]


def similar_contacts(told: Mapping[str, Any] | None) -> SimilarContacts | None:
    """Return what a rationale tells of what `describe_memory` says of its option."""
    if told is None:
        return None
    return SimilarContacts(
        contacts=told["contacts_like_this"],
        category=told["category"],
        wins=round(told["wins"]),
        pitches=round(told["pitches"]),
        expected=told["expected"],
        factor=told["factor"],
    )
