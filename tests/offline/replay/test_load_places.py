import numpy as np

from dog.core.describe_load import describe_load
from dog.offline.replay.load_places import LoadPlaces

SCORES = np.random.default_rng(1).gamma(0.5, size=(2, 40)) + 0.01


def collect(scale: float) -> LoadPlaces:
    """Add two blocks, the second of a model with another scale."""
    places = LoadPlaces(80, 2)
    for block, (scores, factor) in enumerate(zip(SCORES, (1.0, scale), strict=True)):
        rows, raw = np.arange(40) + 40 * block, factor * scores
        places.add(block, rows, describe_load(raw), raw, raw[: 25 * block])
    return places


def test_a_model_with_another_scale_in_the_next_block_keeps_its_places() -> None:
    same, other = (collect(scale).as_scores("m", 1.0, lower_is_better=False) for scale in (1.0, 30.0))

    for axis in ("log", "rank", "identity"):
        np.testing.assert_allclose(other.places[axis], same.places[axis], atol=1e-6)
    assert next(iter(same.places)) == "log"


def test_the_centre_is_where_the_pitched_pairs_lie_once_there_are_twenty() -> None:
    found = collect(1.0).as_scores("m", 1.0, lower_is_better=False)

    assert found.centres["log"][0] == 0.0
    assert found.centres["log"][1] == np.mean(found.places["log"][40:65])


def test_an_axis_that_does_not_suit_every_load_is_left_out() -> None:
    places = collect(1.0)
    places.add(1, np.arange(40, 80), describe_load(SCORES[1] - 0.2), SCORES[1] - 0.2, np.zeros(0))

    assert set(places.as_scores("m", 1.0, lower_is_better=False).places) == {"rank", "identity"}
