from dataclasses import dataclass, field

import pytest

from dog.errors import NotFound
from dog.services.runtime import Runtime


@dataclass
class Cache:
    """An object that a process shares."""

    closed: list[bool] = field(default_factory=list)

    def close(self) -> None:
        self.closed.append(True)


def test_a_process_has_one_object_of_a_class_and_closes_it(runtime: Runtime) -> None:
    cache = runtime.shared(Cache)
    again = runtime.shared(Cache)
    runtime.close()

    assert again is cache
    assert cache.closed == [True]
    assert runtime.stopping.is_set()


def test_a_tenant_is_made_only_where_that_is_asked_for(runtime: Runtime) -> None:
    with pytest.raises(NotFound):
        runtime.store("new")

    assert runtime.store("new", create=True) is runtime.store("new")
    assert runtime.tenants() == ["new"]


def test_what_happens_when_a_tenant_is_opened_happens_once(runtime: Runtime) -> None:
    opened: list[str] = []
    runtime.on_open = lambda _, store: opened.append(store.tenant.name)
    runtime.store("new", create=True)
    runtime.store("new")

    assert opened == ["new"]
