"""Settings of a tenant: those that are named change, the others stay."""

from dog.services.operations.change_settings import change_settings, read_tenant_settings
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.services.conftest import one_server


@one_server
def test_those_that_are_named_change(runtime: Runtime, store: Store) -> None:
    before = read_tenant_settings(store)
    change_settings(runtime, "default", {"replay_share": 0.5, "require_proof": True})

    assert read_tenant_settings(store) == before | {"replay_share": 0.5, "require_proof": True}
