import pytest

from dog.errors import Conflict, NotFound
from dog.storage.audit_log import read_audit_entries
from dog.storage.connection import Redis
from dog.storage.hooks import Hook, list_hooks, read_hook, remove_hook, write_hook

SECRET = "a secret of thirty characters."


def hook(name: str = "crm", tenant: str = "default", secret: str = SECRET) -> Hook:
    return Hook(
        name=name,
        tenant=tenant,
        scheme="token",
        secret=secret,
        mapping={"scheme": "token", "id": ["id"]},
        published_at="2026-11-20T12:00:00+00:00",
    )


def test_a_hook_is_found_by_its_name_and_listed_for_its_tenant(redis: Redis) -> None:
    for one in (hook("b"), hook("a"), hook("other", "shop")):
        write_hook(redis, one)

    assert read_hook(redis, "other") == hook("other", "shop")
    assert read_hook(redis, "nope") is None
    assert [one.name for one in list_hooks(redis, "default")] == ["a", "b"]


def test_a_name_belongs_to_one_tenant_until_it_removes_the_hook(redis: Redis) -> None:
    write_hook(redis, hook())
    write_hook(redis, hook(secret="another secret altogether"))
    with pytest.raises(Conflict, match="the name 'crm' is taken by a hook of another tenant"):
        write_hook(redis, hook(tenant="shop"))
    with pytest.raises(NotFound, match="tenant 'shop' has no hook 'crm'"):
        remove_hook(redis, "shop", "crm")
    remove_hook(redis, "default", "crm")
    write_hook(redis, hook(tenant="shop"))

    found = read_hook(redis, "crm")
    assert found is not None
    assert found.tenant == "shop"


def test_the_secret_is_neither_shown_nor_in_the_audit_log(redis: Redis) -> None:
    write_hook(redis, hook())
    remove_hook(redis, "default", "crm")
    entries = [entry for _, entry in read_audit_entries(redis, "default", 10)]

    assert [(entry["act"], entry["target"]) for entry in entries] == [("hook.remove", "crm"), ("hook.publish", "crm")]
    assert SECRET not in f"{entries} {hook()}"
