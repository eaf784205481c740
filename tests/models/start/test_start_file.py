import numpy as np
import pytest

from dog.models.start import start_file
from dog.models.start.fit_start import fit_start
from dog.models.start.start_file import FORMAT, read_start, untrained_start, write_start
from dog.models.start.start_model import StartModel
from tests.models.start.worlds import factorise, simulate

WORLD = simulate(300, 80)
EVENTS = [np.arange(count) for count in (0, 1, 3, 10, 60)]


@pytest.fixture(scope="module")
def model() -> StartModel:
    return fit_start(WORLD.data, WORLD.encoders, factorise)[0]


def test_a_model_read_back_says_the_same(model: StartModel) -> None:
    again = read_start(write_start(model))
    records = WORLD.contact_records[: len(EVENTS)]

    before = model.log_odds(model.read(records, EVENTS))
    after = again.log_odds(again.read(records, EVENTS))

    np.testing.assert_allclose(after, before, atol=1e-4)
    assert np.argsort(-after, axis=1).tolist() == np.argsort(-before, axis=1).tolist()
    assert (again.segments, again.bands, again.weights) == (model.segments, model.bands, model.weights)
    assert (again.repeats, again.events, again.activity_mean) == (model.repeats, model.events, model.activity_mean)


def test_a_model_is_small(model: StartModel) -> None:
    assert len(write_start(model)) < 60_000


def test_an_untrained_model_can_be_written() -> None:
    assert len(read_start(write_start(untrained_start()))) == 0


def test_before_any_training_products_are_ordered_by_value() -> None:
    model = untrained_start().with_products([{"value": 2.0}, {"value": 9.0}, {}, {"value": 10**400}])

    found = model.log_odds(model.read([{"segment": "gold"}], [np.zeros(0, np.int64)]))

    assert np.argsort(-found[0], kind="stable").tolist() == [1, 0, 2, 3]
    assert np.isfinite(found).all()


def test_what_another_release_wrote_counts_as_not_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_file, "FORMAT", FORMAT + 1)
    packed = write_start(untrained_start().with_products([{}]))
    monkeypatch.undo()

    assert len(read_start(packed)) == 0
