from dog.storage.catalogue import put_model, read_models
from dog.storage.store import Store


def test_a_model_is_read_as_it_was_stored_and_replaced_by_name(store: Store) -> None:
    put_model(store, "cf", {"mean": 0.1})
    put_model(store, "cf", {"mean": 0.2})

    assert {name: record["mean"] for name, record in read_models(store).items()} == {"cf": 0.2}
