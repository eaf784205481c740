"""Who a contact is, above its list."""

from dog.console.inbox.contact_view import describe_header


def test_a_header_has_name_id_account_and_segment_each_once() -> None:
    record = {"name": "Ann", "account_id": "c1", "segment": "gold"}

    assert describe_header("c1", record) == {"name": "Ann", "told": ["c1", "gold"]}
    assert describe_header("c9", {}) == {"name": "c9", "told": ["c9"]}
