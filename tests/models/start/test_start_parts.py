import numpy as np

from dog.models.start.start_parts import LEAST_BUYERS, find_warm


def test_a_product_is_warm_from_ten_buyers_on() -> None:
    assert find_warm(np.array([0.0, LEAST_BUYERS - 1, LEAST_BUYERS])).tolist() == [False, False, True]
