from dog.models.start.start_file import untrained_start


def test_before_any_training_products_are_ordered_by_value() -> None:
    model = untrained_start().with_products([{"value": 2.0}, {"value": 9.0}, {}])

    found = model.log_odds(model.read([{}], [model.cold.products[:0]]))

    assert (-found[0]).argsort().tolist() == [1, 0, 2]
