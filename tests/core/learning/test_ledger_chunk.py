import numpy as np
import pytest

from dog.core.learning.ledger_chunk import DIGEST, ContactBlock, LedgerChunk, first_pairs, outcome_pairs
from dog.core.records import OUTCOME

OUTCOMES_OF_PAIRS = [[1, 2, 3], [2, 1], [], [4, 1, 1]]
"""How many outcomes each pair of each partition's only contact has; the third has none."""


def chunk(partitions: list[int]) -> LedgerChunk:
    lengths = [count for one in partitions for count in OUTCOMES_OF_PAIRS[one]]
    outcomes = np.zeros(sum(lengths), OUTCOME)
    outcomes["arrival"] = [100 * one + n for one in partitions for n in range(sum(OUTCOMES_OF_PAIRS[one]))]
    contacts = ContactBlock(partitions, [1] * len(partitions), np.zeros(len(partitions), DIGEST))
    contact = [place for place, one in enumerate(partitions) for _ in OUTCOMES_OF_PAIRS[one]]
    return LedgerChunk(
        contacts=contacts,
        contact=np.array(contact, np.int64),
        product=np.zeros(len(lengths), np.int64),
        starts=np.cumsum(lengths) - lengths,
        outcomes=outcomes,
        is_new=np.zeros(len(outcomes), bool),
    )


def test_each_outcome_has_the_index_of_its_pair() -> None:
    found = chunk([0, 1, 2, 3])

    assert outcome_pairs(found.starts, len(found.outcomes)).tolist() == [0, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 5, 5, 6, 7]
    assert outcome_pairs(np.zeros(0, np.int64), 0).tolist() == []


@pytest.mark.parametrize("count", [1, 2, 10])
def test_the_first_pairs_of_partitions_are_the_same_in_any_chunks(count: int) -> None:
    whole, starts = first_pairs(chunk([0, 1, 2, 3]), count)
    parts = [first_pairs(chunk([one]), count) for one in range(4)]

    assert whole["arrival"].tolist() == [arrival for outcomes, _ in parts for arrival in outcomes["arrival"].tolist()]
    assert np.diff(np.append(starts, len(whole))).tolist() == [
        length for lengths in OUTCOMES_OF_PAIRS for length in lengths[:count]
    ]


def test_partitions_without_pairs_have_no_first_ones() -> None:
    outcomes, starts = first_pairs(chunk([2]), 5)

    assert (len(outcomes), len(starts)) == (0, 0)
