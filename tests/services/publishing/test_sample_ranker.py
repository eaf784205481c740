"""Whom previews and measurements look at."""

from datetime import UTC

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.publishing.sample_ranker import sample_contacts
from dog.storage.store import Store


@pytest.mark.parametrize(("size", "expected"), [(40, 40), (200, 100), (1_000, 100)])
def test_all_contacts_are_looked_at_where_the_sample_has_room_for_them(store: Store, size: int, expected: int) -> None:
    contacts = [f"c{number}" for number in range(100)]
    import_rows(store, "contacts", [{"contact_id": contact} for contact in contacts], UTC)
    found = list(sample_contacts(store, size))

    assert len(found) == expected
    assert set(found) <= set(contacts)
    assert len(set(found)) == expected
    assert list(sample_contacts(store, size)) == found
