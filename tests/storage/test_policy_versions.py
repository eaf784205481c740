"""Policy versions: bounded, the active one never among those that go; of two who publish at once one is told."""

from concurrent.futures import ThreadPoolExecutor

from dog.storage.policy_versions import (
    KEPT_VERSIONS,
    activate_policy,
    active_policies,
    add_policy,
    read_policy_versions,
)
from dog.storage.store import Store


def test_the_oldest_versions_go_but_never_the_active_one(store: Store) -> None:
    for number in range(KEPT_VERSIONS + 20):
        record = {"created_at": f"2026-01-01T00:{number // 60:02}:{number % 60:02}+00:00"}
        add_policy(store, "web", f"v{number}", record)
        if number == 3:
            activate_policy(store, "web", "v3")
    kept = read_policy_versions(store, "web")

    assert len(kept) == KEPT_VERSIONS
    assert "v3" in kept
    assert {"v0", "v1", "v20"}.isdisjoint(kept)
    assert {"v21", f"v{KEPT_VERSIONS + 19}"} <= kept.keys()


def test_of_many_who_replace_the_same_version_at_once_one_does(store: Store) -> None:
    activate_policy(store, "web", "v0")
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda n: activate_policy(store, "web", f"v{n}", "v0"), range(1, 9)))
    winner = active_policies(store)["web"]

    assert told.count(None) == 1
    assert set(told) == {None, winner}
    assert told[int(winner[1:]) - 1] is None


def test_a_first_version_cannot_replace_one_that_never_was(store: Store) -> None:
    assert activate_policy(store, "web", "v1", "v0") == ""
    assert "web" not in active_policies(store)
