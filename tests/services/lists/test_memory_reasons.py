"""What receipts and rationales tell of the memory: nothing of a category that it does not hold."""

import numpy as np
import pytest

from dog.core.rationale import SimilarContacts
from dog.models.start.learned_memory import LearnedMemory
from dog.models.start.memory import CaseKeys, CaseMemory, Recollection
from dog.services.lists.memory_reasons import describe_memory, similar_contacts
from dog.services.lists.recall import Recalled

MEMORY = LearnedMemory(
    cases=CaseMemory.empty(slots=1, dimension=2, categories=3),
    keys=CaseKeys(centre=np.zeros(1), attribute_length=1.0, taste_length=1.0),
    categories=("snacks", "wine"),
    trust=0.5,
    on=True,
)
RECORDS = np.array([[[3.2, 0.0, 0.0]], [[12.4, 0.0, 0.0]], [[1.2, 0.0, 0.0]]])
RECALLED = Recalled(
    memory=MEMORY,
    found=Recollection(np.array([5.4]), RECORDS),
    category=np.array([0, 1, 2]),
    published=np.ones(3),
    factor=np.array([1.1, 1.0, 1.0]),
)


def test_a_receipt_tells_ratio_trust_and_what_they_come_from() -> None:
    found, never_pitched, other = describe_memory(RECALLED, np.arange(3))

    assert never_pitched is other is None
    assert found is not None
    assert found.pop("ratio") == pytest.approx(5.2 / 3.2)
    assert found == {
        "trust": 0.5,
        "factor": 1.1,
        "contacts_like_this": 5,
        "category": "snacks",
        "wins": 3.2,
        "pitches": 12.4,
        "expected": 1.2,
    }


def test_a_rationale_gets_whole_numbers() -> None:
    (told,) = describe_memory(RECALLED, np.arange(1))

    assert similar_contacts(None) is None
    assert similar_contacts(told) == SimilarContacts(
        contacts=5, category="snacks", wins=3, pitches=12, expected=1.2, factor=1.1
    )
