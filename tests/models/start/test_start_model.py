from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dog.models.start.bands import band_of
from dog.models.start.fit_start import fit_start
from dog.models.start.start_model import StartModel
from tests.models.start.worlds import KINDS, factorise, simulate

WORLD = simulate(event_counts=(2, 12))
RECORDS = WORLD.contact_records[:5]
EVENTS = [np.arange(count) for count in (0, 1, 2, 7, 0)]
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@pytest.fixture(scope="module")
def model() -> StartModel:
    return fit_start(WORLD.data, WORLD.encoders, factorise)[0]


@pytest.fixture(scope="module")
def grown(model: StartModel) -> StartModel:
    return model.with_products([*WORLD.product_records, {"category": "wine", "value": 5.0}, {"category": "never seen"}])


def test_contacts_together_get_the_log_odds_that_each_gets_alone(grown: StartModel) -> None:
    together = grown.log_odds(grown.read(RECORDS, EVENTS))

    for record, own, found in zip(RECORDS, EVENTS, together, strict=True):
        np.testing.assert_allclose(grown.log_odds(grown.read([record], [own]))[0], found, atol=1e-9)


@pytest.mark.parametrize("products", [[0], [61, 3, 60], [], [5, 5, 61]])
def test_some_products_get_the_log_odds_that_they_get_among_all(grown: StartModel, products: list[int]) -> None:
    contacts, chosen = grown.read(RECORDS, EVENTS), np.array(products, np.int64)

    found = grown.log_odds(contacts, chosen)

    np.testing.assert_allclose(found, grown.log_odds(contacts)[:, chosen], atol=1e-12)


def test_warm_products_have_the_log_odds_of_the_formula(model: StartModel) -> None:
    contacts = model.read(RECORDS, EVENTS)
    found = model.log_odds(contacts)

    for place, count in enumerate(contacts.event_counts.tolist()):
        bands = model.segment_bands if contacts.levels[place] else model.bands
        tastes = contacts.terms.tastes[place] @ model.vectors.T
        folded = contacts.terms.folded[place] @ model.fold_in.factors.T
        expected = bands[band_of(count)].log_odds(model.offsets[contacts.levels[place]], tastes, folded)
        np.testing.assert_allclose(found[place, model.warm], expected[model.warm], atol=1e-12)


def test_tastes_alone_are_those_of_the_contacts(grown: StartModel) -> None:
    found = grown.tastes(grown.contact_encoder.encode_all(RECORDS), EVENTS)

    np.testing.assert_allclose(found, grown.read(RECORDS, EVENTS).terms.tastes, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["segment", "age", "__proto__"]), VALUES),
    st.lists(st.integers(0, 80), unique=True),
)
def test_log_odds_are_finite_for_any_events_and_attributes(
    grown: StartModel, record: dict[str, Any], events: list[int]
) -> None:
    found = grown.log_odds(grown.read([record], [np.array(events, np.int64)]))

    assert found.shape == (1, 62)
    assert np.isfinite(found).all()


def test_a_contact_of_a_new_segment_counts_as_average(model: StartModel) -> None:
    nobody = [np.zeros(0, np.int64)] * 2

    found = model.log_odds(model.read([{"segment": "new"}, {}], nobody))

    assert found[0].tolist() == found[1].tolist()


def test_events_lift_the_products_of_their_kind(model: StartModel) -> None:
    kinds = np.arange(60) % len(KINDS)
    wine = np.flatnonzero(kinds == 2)
    before, after = model.log_odds(model.read([{}, {}], [wine[:0], wine[:3]]))

    gain = after - before
    assert gain[wine[3:]].mean() > gain[kinds != 2].mean() + 0.3


def test_a_new_product_with_an_attribute_never_seen_counts_as_an_average_one(model: StartModel) -> None:
    grown = model.with_products([*WORLD.product_records, {"category": "never seen"}, {}])

    found = grown.log_odds(grown.read(RECORDS, EVENTS))

    np.testing.assert_allclose(found[:, 60], found[:, 61], atol=1e-12)


def test_more_products_change_the_others_by_the_step_of_value_only(model: StartModel, grown: StartModel) -> None:
    before, after = model.log_odds(model.read(RECORDS, EVENTS)), grown.log_odds(grown.read(RECORDS, EVENTS))

    np.testing.assert_allclose(after[:, :60], before, atol=2e-6)


def test_products_of_equal_popularity_are_ordered_by_value(model: StartModel) -> None:
    more = [{"category": "wine", "value": value} for value in (1.0, 3.0, 2.0)]
    grown = model.with_products([*WORLD.product_records, *more])

    found = grown.log_odds(grown.read([{}], [np.zeros(0, np.int64)]))[0, 60:]

    assert np.argsort(-found).tolist() == [1, 2, 0]


def test_the_nearest_products_are_of_the_same_kind(model: StartModel, grown: StartModel) -> None:
    kinds = np.arange(60) % len(KINDS)
    bought = np.append(np.arange(1, 60), 99)  # 99 is not in the model

    found = model.nearest(0, bought)

    assert found
    assert {int(kinds[product]) for product in found} == {0}
    assert grown.nearest(60, bought) == []
    assert model.nearest(0, bought[:0]) == []


def test_a_product_is_not_its_own_nearest(model: StartModel) -> None:
    assert model.nearest(4, np.array([4])) == []
