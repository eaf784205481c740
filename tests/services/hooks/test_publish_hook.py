from typing import Any

import pytest

from dog.errors import Conflict, InvalidInput
from dog.services.data.mapping.map_entries import HookEntry
from dog.services.hooks.publish_hook import PublishedHook, publish_hooks
from dog.services.runtime import Runtime
from dog.storage.hooks import read_hook
from dog.storage.store import Store

TOKEN = HookEntry(scheme="token", id=("id",))


def publish_hook(runtime: Runtime, tenant: str, name: str, entry: HookEntry, **more: Any) -> PublishedHook:
    return publish_hooks(runtime, tenant, {name: entry}, **more)[0]


def test_a_hook_gets_a_secret_once_and_keeps_it(runtime: Runtime, store: Store) -> None:
    first = publish_hook(runtime, "default", "crm", TOKEN)
    again = publish_hook(runtime, "default", "crm", HookEntry(scheme="token", id=("id", "stage")))
    found = read_hook(runtime.redis, "crm")

    assert first.new_secret == first.hook.secret
    assert again.new_secret is None
    assert found == again.hook
    assert (again.hook.secret, again.hook.mapping["id"]) == (first.new_secret, ["id", "stage"])


def test_a_secret_is_renewed_on_request_and_with_another_scheme(runtime: Runtime, store: Store) -> None:
    first = publish_hook(runtime, "default", "crm", TOKEN)
    second = publish_hook(runtime, "default", "crm", TOKEN, renew=True)
    third = publish_hook(runtime, "default", "crm", HookEntry(scheme="standard"))

    assert len({first.new_secret, second.new_secret, third.new_secret}) == 3
    assert str(third.new_secret).startswith("whsec_")


def test_a_secret_of_the_sender_is_taken_and_checked(runtime: Runtime, store: Store) -> None:
    hubspot = HookEntry(scheme="hubspot")
    with pytest.raises(InvalidInput, match=r"hook crm: hubspot makes the secret; give it: --secret-file"):
        publish_hook(runtime, "default", "crm", hubspot)
    with pytest.raises(InvalidInput, match="at least 16 ASCII characters"):
        publish_hook(runtime, "default", "crm", hubspot, secret="short")
    assert read_hook(runtime.redis, "crm") is None
    published = publish_hook(runtime, "default", "crm", hubspot, secret="the client secret of the app")

    assert published.new_secret is None
    assert publish_hook(runtime, "default", "crm", hubspot).hook.secret == "the client secret of the app"


def test_the_name_of_another_tenant_is_refused(runtime: Runtime, store: Store) -> None:
    publish_hook(runtime, "default", "crm", TOKEN)
    with pytest.raises(Conflict, match="choose another"):
        publish_hook(runtime, "shop", "crm", TOKEN)


def test_where_one_hook_is_refused_none_is_published(runtime: Runtime, store: Store) -> None:
    with pytest.raises(InvalidInput, match="hook b: hubspot makes the secret"):
        publish_hooks(runtime, "default", {"a": TOKEN, "b": HookEntry(scheme="hubspot")})

    assert read_hook(runtime.redis, "a") is None
