"""The vectors of the memory of past cases."""

import numpy as np
import pytest

from benchmarks.few_shot.memory import Memory

KEYS = np.array([[1.0, 0.0], [0.6, 0.8], [-1.0, 0.0]])
BOUGHT = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
EXPECTED = np.array([[0.2, 0.1], [0.3, 0.2], [0.1, 0.4]])


def filled(slots: int, cases: int) -> Memory:
    memory = Memory(slots, (2, 2), 0.4)
    for case in range(cases):
        memory.write(KEYS[case], BOUGHT[case], EXPECTED[case])
    return memory


def test_a_key_reads_the_cases_near_it() -> None:
    memory, key = filled(3, 3), np.array([[0.8, 0.6]])
    weights = memory.attend(key)[0]

    assert weights == pytest.approx([0.398384100461, 0.594319240216, 0.007296659323])
    assert 1 / (weights @ weights) == pytest.approx(1.953207049848)
    assert memory.log_ratios(key)[0] == pytest.approx([0.103368709378, 0.311131183650])


def test_the_case_used_least_recently_is_written_over() -> None:
    memory = filled(2, 2)
    memory.touch(KEYS[0])
    memory.write(KEYS[2], BOUGHT[2], EXPECTED[2])

    assert memory.keys.tolist() == [KEYS[0].tolist(), KEYS[2].tolist()]
