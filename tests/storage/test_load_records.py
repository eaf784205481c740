from dog.storage.load_records import begin_load, end_life, list_loads, make_load_id, read_load
from dog.storage.store import Store


def test_ids_of_loads_are_unique_and_sort_by_time(store: Store) -> None:
    loads = [begin_load(store, "products", "a.csv", now_ms).load_id for now_ms in (1_700_000_000_000,) * 2]

    assert loads == sorted(set(loads))
    assert make_load_id(999) < make_load_id(1_000)
    assert [one.load_id for one in list_loads(store)] == loads[::-1]


def test_a_load_that_shows_no_sign_of_life_was_interrupted(store: Store) -> None:
    load_id = begin_load(store, "products", "a.csv", 1_700_000_000_000).load_id
    before = read_load(store, load_id).state
    end_life(store, load_id)

    assert (before, read_load(store, load_id).state) == ("running", "interrupted")
