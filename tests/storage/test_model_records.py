from dog.storage.catalogue import put_model, read_models
from dog.storage.store import Store


def test_a_model_is_read_as_it_was_stored_and_replaced_by_name(store: Store) -> None:
    put_model(store, "cf", {"direction": "higher_is_better"})
    put_model(store, "cf", {"direction": "lower_is_better"})

    assert {name: record["direction"] for name, record in read_models(store).items()} == {"cf": "lower_is_better"}
