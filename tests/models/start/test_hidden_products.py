import numpy as np

from dog.models.start.hidden_products import HiddenProducts
from dog.models.start.start_parts import find_warm
from tests.models.start.worlds import factorise, simulate

WORLD = simulate(150)
WARM = find_warm(WORLD.data.histories.buyers)
HIDDEN = np.flatnonzero(WARM)[:5]
HIDING = HiddenProducts.of(WORLD.data, factorise, HIDDEN, WARM)


def test_known_buyers_are_not_to_be_found() -> None:
    product = int(HIDDEN[0])
    buyers = int(WORLD.data.histories.buyers[product])

    found = HIDING.rows(product, 3, np.random.default_rng(0))

    assert found.bought.sum() == buyers - 3
    assert len(found.bought) == len(WORLD.data.histories) - 3


def test_one_buyer_is_left_to_be_found() -> None:
    found = HIDING.rows(int(HIDDEN[0]), 10_000, np.random.default_rng(0))

    assert found.bought.sum() == 1


def test_hidden_products_have_no_vectors() -> None:
    assert not HIDING.parts.warm[HIDDEN].any()
    assert not HIDING.parts.vectors[HIDDEN].any()
    assert HIDING.parts.counts.buyers[HIDDEN].tolist() == [0.0] * len(HIDDEN)
