"""The model start before an instant knows nothing of what came after it."""

import numpy as np
import pytest

from dog.errors import NotReady
from dog.offline.past_start import PastStart, read_contact_records
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.start_world import BOUGHT, CONTACTS, DAY_MS, PRODUCT_COUNT, group_of, load_tastes


@pytest.fixture
def past(runtime: Runtime, store: Store) -> PastStart:
    load_tastes(runtime, store)
    return PastStart.read(store, runtime.clock())


def first_ms(runtime: Runtime) -> int:
    return runtime.clock() - 100 * DAY_MS


def test_events_from_the_cut_off_on_are_not_used(runtime: Runtime, past: PastStart) -> None:
    fitted = past.fit(first_ms(runtime) + 2 * DAY_MS)

    assert {len(own) for own in fitted.events.values()} == {2}
    assert fitted.model.events == 2 * CONTACTS


def test_before_the_first_event_there_is_nothing_to_fit(runtime: Runtime, past: PastStart) -> None:
    with pytest.raises(NotReady, match="nothing was bought"):
        past.fit(first_ms(runtime))


def test_each_pair_is_scored_by_what_its_contact_had_bought(runtime: Runtime, store: Store, past: PastStart) -> None:
    fitted = past.fit(first_ms(runtime) + (BOUGHT - 2) * DAY_MS)
    digests = [store.tenant.contact(f"c{number}") for number in (0, 1, 2)]
    owner, product = (part.ravel() for part in np.indices((3, PRODUCT_COUNT)))

    scores = fitted.score(read_contact_records(store, digests), owner, product).reshape(3, PRODUCT_COUNT)

    best = [{group_of(f"p{product}") for product in np.argsort(-row)[:10]} for row in scores]
    assert best == [{0}, {1}, {2}]


def test_pairs_are_scored_in_any_order_and_by_parts(
    runtime: Runtime, store: Store, past: PastStart, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = past.fit(first_ms(runtime) + 4 * DAY_MS)
    contacts = read_contact_records(store, [store.tenant.contact(f"c{number}") for number in range(5)])
    owner, product = np.array([4, 0, 2, 0]), np.array([7, 1, 30, 59])
    together = fitted.score(contacts, owner, product)
    monkeypatch.setattr("dog.offline.past_start.SCORED_CELLS", 1)

    assert fitted.score(contacts, owner[::-1], product[::-1])[::-1] == pytest.approx(together, rel=1e-12)
    assert np.isfinite(together).all()


def test_a_contact_that_nobody_knows_is_scored_as_a_new_one(runtime: Runtime, store: Store, past: PastStart) -> None:
    fitted = past.fit(first_ms(runtime) + 4 * DAY_MS)
    contacts = read_contact_records(store, [store.tenant.contact("somebody"), store.tenant.contact("else")])

    one, other = fitted.score(contacts, np.array([0, 1]), np.array([3, 3]))

    assert one == other > 0
