"""A rep puts off a contact or a product of it: for itself alone, until a day it names."""

from datetime import date

import pytest

from dog.errors import InvalidInput, NotFound
from dog.services.pairs.snooze_contacts import ShownSnooze, end_snooze, list_snoozes, snooze_contact, snoozed_products
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Clock

MONDAY = date(2026, 11, 23)


def snooze(runtime: Runtime, contact_id: str = "c1", until: date = MONDAY, product_id: str | None = None) -> None:
    snooze_contact(runtime, "default", contact_id, actor_id="Ada", until=until, product_id=product_id)


def test_snoozes_are_listed_by_name_and_end_when_their_day_begins(
    loaded: Store, runtime: Runtime, clock: Clock
) -> None:
    del loaded
    snooze(runtime)
    snooze(runtime, "c2", date(2026, 11, 22), "p1")
    listed = list_snoozes(runtime, "default", "Ada")
    clock.set("2026-11-22T23:59:59")
    sunday = list_snoozes(runtime, "default", "Ada")
    clock.set("2026-11-23T00:00:00")

    assert listed == [
        ShownSnooze(contact_id="c2", name="Bob", product_id="p1", product="Fax", until=date(2026, 11, 22)),
        ShownSnooze(contact_id="c1", name="Ann", product_id=None, product=None, until=MONDAY),
    ]
    assert [one.contact_id for one in sunday] == ["c1"]
    assert list_snoozes(runtime, "default", "Ada") == []


def test_a_snooze_is_ended_by_its_actor_alone(loaded: Store, runtime: Runtime) -> None:
    del loaded
    snooze(runtime, product_id="p2")

    assert snoozed_products(runtime, "default", "c1", actor_id="Ada") == ["p2"]
    assert snoozed_products(runtime, "default", "c1", actor_id="Bob") == []
    assert not end_snooze(runtime, "default", "c1", actor_id="Bob", product_id="p2")
    assert end_snooze(runtime, "default", "c1", actor_id="Ada", product_id="p2")
    assert snoozed_products(runtime, "default", "c1", actor_id="Ada") == []


@pytest.mark.parametrize("until", [date(2026, 11, 20), date(2026, 11, 1), date(2028, 1, 1)])
def test_a_day_that_is_not_ahead_or_too_far_ahead_is_refused(loaded: Store, runtime: Runtime, until: date) -> None:
    del loaded
    with pytest.raises(InvalidInput, match=f"until is {until}; give a day from tomorrow on, at most 366 days ahead"):
        snooze(runtime, until=until)


def test_what_is_not_known_is_not_put_off(loaded: Store, runtime: Runtime) -> None:
    del loaded
    with pytest.raises(NotFound, match="contact 'nobody' is not known"):
        snooze(runtime, "nobody")
    with pytest.raises(NotFound, match="product 'p99' is not known"):
        snooze(runtime, product_id="p99")
