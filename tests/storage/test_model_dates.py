from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.storage.catalogue import put_model, read_models
from dog.storage.model_dates import record_scores, state_model, trained_by
from dog.storage.multiplier_versions import activate_multiplier_version
from dog.storage.store import Store


def record(store: Store) -> dict[str, Any]:
    return read_models(store)["cf"]


def test_cut_offs_of_one_load_are_one_training_whatever_its_chunks_say(store: Store) -> None:
    record_scores(store, "cf", 1_700_000_000_000, 1_600_000_000_000)
    record_scores(store, "cf", 1_700_000_000_500, 1_600_000_000_500)
    found = record(store)

    assert found["as_of_ms"] == 1_700_000_000_500
    assert (found["trained_until_ms"], found.get("previous_trained_until_ms")) == (1_600_000_000_500, None)
    assert found["changes"] == 2


def test_a_load_after_a_version_is_another_training_and_an_older_cut_off_is_none(store: Store) -> None:
    record_scores(store, "cf", 20, 10)
    activate_multiplier_version(store, "v1")
    record_scores(store, "cf", 40, 30)
    record_scores(store, "cf", 35, 5)
    found = record(store)

    assert found["as_of_ms"] == 40
    assert (found["trained_until_ms"], found["previous_trained_until_ms"]) == (30, 10)
    assert [trained_by(found, until) for until in (9, 10, 29, 30, 99)] == [0, 10, 10, 30, 30]


def test_a_scoring_without_a_cut_off_is_no_training(store: Store) -> None:
    record_scores(store, "cf", 20)
    found = record(store)

    assert ("trained_until_ms" in found, trained_by(found, 1 << 60)) == (False, 0)


def test_a_stated_cut_off_replaces_later_ones_and_can_be_forgotten(store: Store) -> None:
    record_scores(store, "cf", 20, 10)
    activate_multiplier_version(store, "v1")
    record_scores(store, "cf", 40, 30)
    state_model(store, "cf", trained_until_ms=25, direction="lower_is_better")
    stated = record(store)
    state_model(store, "cf", forgets_training=True, forgets_direction=True)

    assert (stated["trained_until_ms"], stated["direction"], stated["changes"]) == (25, "lower_is_better", 2)
    assert not {"trained_until_ms", "direction"} & record(store).keys()


def test_calibrating_a_model_does_not_take_back_dates_that_came_meanwhile(store: Store) -> None:
    record_scores(store, "cf", 20, 10)
    known = record(store)
    record_scores(store, "cf", 40, 30)
    put_model(store, "cf", {**known, "mean": 0.5})

    assert (record(store)["as_of_ms"], record(store)["trained_until_ms"], record(store)["mean"]) == (40, 30, 0.5)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 2**41), st.integers(1, 2**41), st.booleans()), min_size=1, max_size=80))
def test_the_newest_dates_are_known_in_whatever_order_they_come(
    store: Store, loads: list[tuple[int, int, bool]]
) -> None:
    store.redis.delete(store.keys.of("model_dates"))
    for number, (as_of, trained, published) in enumerate(loads):
        record_scores(store, "cf", as_of, trained)
        if published:
            activate_multiplier_version(store, f"v{number}")
    found = record(store)

    assert found["as_of_ms"] == max(as_of for as_of, _, _ in loads)
    assert found["trained_until_ms"] == max(trained for _, trained, _ in loads)
    assert found["changes"] == len(loads)
