"""What the model start learns from: attributes, frequent segments, exposure, and whether products are bought again."""

import numpy as np
import pytest

from dog.core.policy.policy_settings import START
from dog.offline.history.read_purchases import PurchaseEvents
from dog.offline.start_data import KnownSince, read_known_since, training_data
from dog.services.data.import_rows import import_rows
from dog.services.runtime import Runtime
from dog.storage.catalogue import put_model, read_catalogue
from dog.storage.store import Store
from tests.start_world import DAY_MS

PRODUCTS = [{"product_id": f"p{n}", "name": f"n{n}", "category": "a"} for n in range(4)]


def events(contacts: int, *, again: bool = False) -> PurchaseEvents:
    """Let each contact buy p0 on the first and p1 on the second day; p0 on the third too, with `again`."""
    products = [0, 1, 0] if again else [0, 1]
    count = len(products)
    return PurchaseEvents(
        contact=np.repeat(np.arange(contacts), count),
        product=np.tile(products, contacts),
        at_ms=np.tile(np.arange(1, count + 1) * DAY_MS, contacts),
        records=[{"contact_id": f"c{n}", "segment": "gold" if n % 2 else f"s{n}"} for n in range(contacts)],
        digests=[f"{n:016}".encode() for n in range(contacts)],
    )


def test_only_segments_with_enough_contacts_have_a_level() -> None:
    data, _ = training_data(events(80), PRODUCTS)

    assert data.segment_names == ("gold",)
    assert data.segments[:4].tolist() == [-1, 0, -1, 0]


@pytest.mark.parametrize("again", [True, False])
def test_products_are_bought_again_where_contacts_did_so(*, again: bool) -> None:
    data, _ = training_data(events(10, again=again), PRODUCTS)

    assert data.repeats == again


def test_exposure_is_the_share_of_events_since_a_product_is_known() -> None:
    since = np.array([0, 0, 1.5 * DAY_MS, 5 * DAY_MS])

    data, _ = training_data(events(10), PRODUCTS, known_since_ms=since)

    assert data.exposure.tolist() == [1.0, 1.0, 0.5, 0.0]


def test_a_product_is_known_since_the_last_training_without_it(runtime: Runtime, store: Store) -> None:
    import_rows(store, "products", PRODUCTS[:2], runtime.settings.zone)
    first = read_known_since(store, read_catalogue(store), 100)
    put_model(store, START, {"known_since": first.steps})
    import_rows(
        store, "products", [*PRODUCTS[2:], {"product_id": "p9", "active_from": "1970-01-03"}], runtime.settings.zone
    )

    later = read_known_since(store, read_catalogue(store), 900)

    assert first == KnownSince([(2, 100)])
    assert later.by_product(read_catalogue(store)).tolist() == [0, 0, 100, 100, 2 * DAY_MS]


def test_ten_thousand_values_of_an_attribute_make_few_columns() -> None:
    numbers = np.arange(10_000)
    records = [{"code": f"v{n}", "segment": "gold" if n % 2 else "iron"} for n in range(10_000)]

    data, _ = training_data(
        PurchaseEvents(contact=numbers, product=numbers % 3, at_ms=numbers, records=records), [{}] * 3
    )

    assert data.encoded.shape == (10_000, 2)
    assert data.segment_names == ("gold", "iron")
