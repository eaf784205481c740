from dog.storage.audit_log import read_audit_entries
from dog.storage.store import Store
from dog.storage.tenant_settings import read_replay_share, set_replay_share


def test_the_share_is_a_twentieth_until_it_is_set_which_the_audit_tells(store: Store) -> None:
    before = read_replay_share(store)
    set_replay_share(store, 0.0)

    assert (before, read_replay_share(store)) == (0.05, 0.0)
    assert [entry["act"] for _, entry in read_audit_entries(store.redis, "default", 1)] == ["settings.change"]
