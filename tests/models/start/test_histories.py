import numpy as np

from dog.models.start.histories import Histories


def test_each_product_counts_once_in_the_order_of_its_first_event() -> None:
    contacts, products = np.array([0, 1, 0, 0, 0]), np.array([2, 1, 0, 2, 1])
    times = np.array([5, 1, 3, 1, 9])

    found = Histories.of(contacts, products, times, (2, 3))

    assert found.between(0, 3).tolist() == [[2, 0, 1], [1, -1, -1]]


def test_the_order_of_the_rows_makes_no_difference() -> None:
    chance = np.random.default_rng(1)
    contacts, products, times = (chance.integers(0, size, 200) for size in (9, 30, 4))
    shuffled = chance.permutation(200)

    one = Histories.of(contacts, products, times, (9, 30))
    other = Histories.of(contacts[shuffled], products[shuffled], times[shuffled], (9, 30))

    assert one.products.tolist() == other.products.tolist()


def test_events_of_one_instant_are_not_in_the_order_of_their_products() -> None:
    contacts, products = np.repeat(np.arange(300), 4), np.tile(np.arange(4), 300)

    first = Histories.of(contacts, products, np.zeros(1200), (300, 4)).between(0, 1)

    assert np.bincount(first[:, 0], minlength=4).min() > 45


def test_a_contact_without_events_has_an_empty_history() -> None:
    found = Histories.of(np.array([2]), np.array([0]), np.array([1]), (3, 1))

    assert found.sizes.tolist() == [0, 0, 1]
    assert found.select(np.array([2, 0])).sizes.tolist() == [1, 0]
    assert found.matrix().toarray().tolist() == [[0.0], [0.0], [1.0]]
