import numpy as np

from dog.models.start.fit_cold_prior import buyers_of
from dog.models.start.histories import Histories


def test_the_buyers_of_a_product_are_the_contacts_that_bought_it() -> None:
    found = buyers_of(Histories.of_lists([[0, 1], [1], [], [1, 3]], 4), most=3)

    assert [sorted(row[row >= 0].tolist()) for row in found] == [[0], [0, 1, 3], [], [3]]


def test_more_buyers_than_are_used_are_chosen_the_same_each_time() -> None:
    histories = Histories.of_lists([[0]] * 50, 1)

    found = buyers_of(histories, most=5)

    assert len(set(found[0].tolist())) == 5
    np.testing.assert_array_equal(found, buyers_of(histories, most=5))
