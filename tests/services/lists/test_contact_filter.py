from zoneinfo import ZoneInfo

from dog.services.data.import_rows import import_rows
from dog.services.lists.contact_filter import ContactFilter, has_account, scan_records
from dog.storage.store import Store


def ids(store: Store, where: ContactFilter) -> set[str]:
    return {str(record["contact_id"]) for _, records in scan_records(store, where) for record in records.values()}


def test_contacts_pass_by_account_and_segment_unless_they_are_named(loaded: Store) -> None:
    assert ids(loaded, ContactFilter()) == {"c1", "c2", "c3"}
    assert ids(loaded, ContactFilter(account_id="a1")) == {"c1", "c2"}
    assert ids(loaded, ContactFilter(segment="iron")) == {"c3"}
    assert ids(loaded, ContactFilter(account_id="a1", segment="iron")) == set()
    assert ids(loaded, ContactFilter(without_contacts=frozenset({"c1"}))) == {"c2", "c3"}
    assert ids(loaded, ContactFilter(without_accounts=frozenset({"a1"}))) == {"c3"}


def test_a_part_of_an_account_is_not_the_account(loaded: Store) -> None:
    assert ids(loaded, ContactFilter(account_id="a")) == set()
    assert (has_account(loaded, "a1"), has_account(loaded, "a")) == (True, False)


def test_contacts_of_an_owner_pass_and_no_others(loaded: Store) -> None:
    owned = {"contact_id": "c1", "account_id": "a1", "owner": "Ada"}
    import_rows(loaded, "contacts", [owned, {"contact_id": "c9", "owner": "Adam"}], ZoneInfo("UTC"))

    assert ids(loaded, ContactFilter(owner="Ada")) == {"c1"}
