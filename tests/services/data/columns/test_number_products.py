import numpy as np

from dog.services.data.columns.coded_values import code_values
from dog.services.data.columns.number_products import STRETCH_ROWS, number_products
from dog.storage.catalogue import read_catalogue
from dog.storage.store import Store


def test_new_products_are_numbered_by_stretches_of_rows_and_by_id(store: Store) -> None:
    product = code_values(["z", *["y"] * STRETCH_ROWS, "b", "a", "bad"])
    good = np.array([name != "bad" for name in ["z", *["y"] * STRETCH_ROWS, "b", "a", "bad"]])
    numbers = number_products(store, product, good, 0)

    assert read_catalogue(store).ids == ("y", "z", "a", "b")
    assert numbers == [1, 0, 3, 2, 0]
    assert number_products(store, code_values(["a", "c"]), np.ones(2, bool), 7) == [2, 4]
