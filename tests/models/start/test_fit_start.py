from dataclasses import replace

import numpy as np
import orjson
import pytest

from dog.models.start.fit_start import StartReport, fit_start
from dog.models.start.histories import Histories
from dog.models.start.start_file import write_start
from dog.models.start.start_model import StartModel
from tests.models.start.worlds import World, factorise, noise, simulate, world_of

NOBODY = np.zeros(0, np.int64)


def fit(world: World) -> tuple[StartModel, StartReport]:
    return fit_start(world.data, world.encoders, factorise)


def test_tastes_are_switched_on_and_rank_better_than_popularity_on_unseen_contacts() -> None:
    _, report = fit(simulate())

    verdicts = [verdict for verdict in report.bands if verdict is not None]
    assert [verdict.on for verdict in verdicts[1:]] == [True, True, True]
    assert min(verdict.auc.mean for verdict in verdicts[1:]) > 0.01


def test_noise_switches_nothing_on_and_the_order_is_that_of_popularity() -> None:
    world = noise()

    model, report = fit(world)

    assert [verdict is not None and verdict.on for verdict in report.bands] == [False] * 4
    for event_count in (0, 1, 3, 10):
        found = model.log_odds(model.read([{}], [np.arange(event_count)]))[0]
        assert np.argsort(-found, kind="stable").tolist() == np.argsort(-model.offsets[0], kind="stable").tolist()


def test_the_report_is_json() -> None:
    _, report = fit(simulate(120))

    found = orjson.loads(orjson.dumps(report.to_document()))

    assert set(found["bands"]) == {"0", "1", "2 to 4", "5 or more"}
    assert isinstance(found["bands"]["1"]["on"], bool)


def test_the_fit_is_deterministic() -> None:
    assert write_start(fit(simulate(120))[0]) == write_start(fit(simulate(120))[0])


@pytest.mark.parametrize("contact_count", [0, 1, 2, 30, 100])
def test_few_contacts_have_finite_scores(contact_count: int) -> None:
    model, report = fit(simulate(contact_count, 12))

    assert report.contacts == contact_count
    assert np.isfinite(model.log_odds(model.read([{}, {"segment": "new"}], [NOBODY, np.arange(5)]))).all()


@pytest.mark.parametrize(
    ("lists", "product_count"),
    [([[0]] * 80, 1), ([[0, 1]] * 80, 5), ([[0, 1, 2]] * 80, 3), ([[place % 40] for place in range(80)], 40)],
    ids=["one product", "products nobody bought", "all contacts identical", "one event each"],
)
def test_poor_histories_have_finite_scores_and_switch_nothing_on(lists: list[list[int]], product_count: int) -> None:
    world = world_of(Histories.of_lists(lists, product_count), [{}] * 80, [{}] * product_count)

    model, report = fit(world)

    found = model.log_odds(model.read([{}, {}], [NOBODY, np.array([0])]))
    assert found.shape == (2, product_count)
    assert np.isfinite(found).all()
    assert not any(verdict is not None and verdict.on for verdict in report.bands)


def test_tastes_are_found_without_any_attribute() -> None:
    world = simulate()
    bare = world_of(world.data.histories, [{}] * 400, [{}] * 60)

    _, report = fit(bare)

    assert report.segments is None
    assert report.bands[2] is not None
    assert report.bands[2].on


def test_progress_goes_forward() -> None:
    world, shares = simulate(120), []

    fit_start(world.data, world.encoders, factorise, lambda share, _text: shares.append(share))

    assert shares == sorted(shares)
    assert 0.0 <= shares[0] <= shares[-1] <= 1.0


def test_exposure_lowers_a_cold_product_that_nobody_buys() -> None:
    world = simulate(200, 20)
    lists = [own[own >= 0].tolist() for own in world.data.histories.between(0, 20)]
    histories = Histories.of_lists(lists, 22)
    data = world_of(histories, world.contact_records, [*world.product_records, {}, {}]).data

    model, _ = fit_start(replace(data, exposure=np.r_[np.ones(21), 0.0]), world.encoders, factorise)

    assert model.offsets[0, 20] < model.offsets[0, 21]
