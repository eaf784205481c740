import numpy as np

from dog.core.records import CARRIED, OUTCOME, PAIRS, SCORES, VERDICT, pair_keys


def test_records_have_the_sizes_that_are_stored() -> None:
    assert [record.itemsize for record in (OUTCOME, CARRIED, VERDICT, PAIRS, SCORES)] == [40, 40, 48, 76, 8]


def test_an_archived_pair_takes_the_place_of_an_outcome() -> None:
    shared = ("at", "product", "type", "arrival")
    places = [{name: place for name, (_, place, *_) in (record.fields or {}).items()} for record in (CARRIED, OUTCOME)]

    assert [places[0][name] for name in shared] == [places[1][name] for name in shared]


def test_times_sort_as_their_bytes() -> None:
    early, late = (np.array([at], OUTCOME["at"]).tobytes() for at in (255, 256))

    assert early < late


def test_pair_keys_order_by_contact_then_product() -> None:
    keys = pair_keys(np.array([1, 0, 1]), np.array([0, 0xFFFFFFFF, 5], np.uint32))

    assert np.argsort(keys).tolist() == [1, 0, 2]
