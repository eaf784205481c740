"""The first steps of a tenant are told from what it has."""

from typing import Any

from dog.services.desk.setup_steps import read_setup_steps
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.storage.store import Store


def test_nothing_is_done_in_an_empty_tenant(runtime: Runtime, store: Store) -> None:
    steps = read_setup_steps(runtime, store)

    assert steps.loaded == {"products": False, "contacts": False, "scores": False}
    assert (steps.has_policy, steps.has_list, steps.is_done) == (False, False, False)


def test_what_is_loaded_counts_and_a_list_completes_the_steps(runtime: Runtime, loaded: Store, recommend: Any) -> None:
    before = read_setup_steps(runtime, loaded)
    recommend("c1")
    runtime.shared(DecisionWriter).flush()
    after = read_setup_steps(runtime, loaded)

    assert all(before.loaded.values())
    assert (before.has_policy, before.has_list) == (True, False)
    assert after.is_done
