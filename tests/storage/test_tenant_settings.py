from dog.storage.audit_log import read_audit_entries
from dog.storage.store import Store
from dog.storage.tenant_settings import (
    allow_batch_accept,
    allows_batch_accept,
    read_contact_attributes,
    read_replay_share,
    set_contact_attributes,
    set_replay_share,
)


def test_the_share_is_a_twentieth_until_it_is_set_which_the_audit_tells(store: Store) -> None:
    before = read_replay_share(store)
    set_replay_share(store, 0.0)

    assert (before, read_replay_share(store)) == (0.05, 0.0)
    assert [entry["act"] for _, entry in read_audit_entries(store.redis, "default", 1)] == ["settings.change"]


def test_no_attributes_are_chosen_and_no_batch_is_allowed_until_somebody_says_so(store: Store) -> None:
    before = read_contact_attributes(store), allows_batch_accept(store)
    set_contact_attributes(store, ["city", "segment"])
    allow_batch_accept(store, allowed=True)

    assert before == ([], False)
    assert (read_contact_attributes(store), allows_batch_accept(store)) == (["city", "segment"], True)
    allow_batch_accept(store, allowed=False)
    assert not allows_batch_accept(store)
