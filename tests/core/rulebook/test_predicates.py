import numpy as np

from dog.core.rulebook.predicates import all_of, any_of

LEFT = np.array([True, True, False])
RIGHT = np.array([True, False, False])


def test_all_and_any_combine_masks_of_the_frame_and_of_one_row() -> None:
    assert all_of([LEFT, RIGHT]).tolist() == [True, False, False]
    assert any_of([LEFT, RIGHT]).tolist() == [True, True, False]
    assert all_of([LEFT, np.array([False])]).tolist() == [False, False, False]
