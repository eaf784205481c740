from dog.storage.store import Store
from dog.storage.webhook_config import read_webhook, remove_webhook


def test_a_tenant_has_no_webhook_until_one_is_set(store: Store) -> None:
    assert read_webhook(store) is None
    assert not remove_webhook(store)
