"""Policy versions: bounded, the active one never among those that go."""

from dog.storage.policies import KEPT_VERSIONS, add_policy, read_policy_versions
from dog.storage.store import Store


def test_the_oldest_versions_go_but_never_the_active_one(store: Store) -> None:
    for number in range(KEPT_VERSIONS + 20):
        record = {"created_at": f"2026-01-01T00:{number // 60:02}:{number % 60:02}+00:00"}
        add_policy(store, "web", f"v{number}", record, activate=number == 3)
    kept = read_policy_versions(store, "web")

    assert len(kept) == KEPT_VERSIONS
    assert "v3" in kept
    assert {"v0", "v1", "v20"}.isdisjoint(kept)
    assert {"v21", f"v{KEPT_VERSIONS + 19}"} <= kept.keys()
