"""Where a tenant requires proofs, no way in brings an unproved active policy, and the way back stays open."""

from pathlib import Path
from typing import Any

import pytest

from dog.services.policies.policy_store import load_policy_files
from dog.services.runtime import Runtime
from dog.storage.policy_versions import active_policies, read_policy_versions
from dog.storage.proofs import KEPT_PROOFS, KeptProof, keep_proof, read_proof
from dog.storage.store import Store
from tests.conftest import NOW, Api

PROVED = KeptProof(proved=True, at_ms=0, sentence="as good")
FAILED = KeptProof(proved=False, at_ms=0, sentence="log loss differs by +0.1")


def document(name: str = "recommended", weight: float = 0.5) -> dict[str, Any]:
    return {"name": name, "models": {"cf": {"weight": weight}}}


@pytest.fixture
def ruled(api: Api, store: Store) -> str:
    """Turn the rule on; the active version."""
    assert api.put("/v1/settings", {"require_proof": True}).json["require_proof"]
    return active_policies(store)["recommended"]


def draft(api: Api, of: dict[str, Any]) -> str:
    answer = api.put(f"/v1/policies/{of['name']}?draft=true", of)
    assert answer.status_code == 200, answer.json
    version: str = answer.json["version"]
    return version


def activate(api: Api, version: str, name: str = "recommended") -> Any:
    return api.post(f"/v1/policies/{name}/versions/{version}/activate")


def test_nothing_is_asked_for_until_the_rule_is_on(api: Api) -> None:
    assert not api.get("/v1/settings").json["require_proof"]
    assert api.put("/v1/policies/recommended", document()).status_code == 200


def test_an_unproved_version_is_refused_and_nothing_is_stored(api: Api, ruled: str, store: Store) -> None:
    put = api.put("/v1/policies/recommended", document())
    kept = set(read_policy_versions(store, "recommended"))
    stored = activate(api, draft(api, document()))

    assert kept == {ruled}
    assert [(answer.status_code, answer.json["code"]) for answer in (put, stored)] == [(409, "proof_required")] * 2
    assert "policy prove FILE" in put.json["detail"]
    assert active_policies(store)["recommended"] == ruled


def test_a_proved_version_comes_in_force_and_the_way_back_needs_no_proof(api: Api, ruled: str, store: Store) -> None:
    version = draft(api, document())
    keep_proof(store, version, ruled, PROVED)

    assert activate(api, version).status_code == 200
    assert activate(api, ruled).status_code == 200
    assert active_policies(store)["recommended"] == ruled


def test_a_proof_holds_only_against_the_version_it_was_made_against(api: Api, ruled: str, store: Store) -> None:
    first, second = draft(api, document(weight=0.1)), draft(api, document(weight=0.2))
    for version in (first, second):
        keep_proof(store, version, ruled, PROVED)

    assert activate(api, first).status_code == 200
    assert activate(api, second).json["code"] == "proof_required"


def test_the_last_comparison_counts_and_is_told(api: Api, ruled: str, store: Store) -> None:
    version = draft(api, document())
    for proof in (PROVED, FAILED):
        keep_proof(store, version, ruled, proof)

    assert FAILED.sentence in activate(api, version).json["detail"]


def test_a_new_policy_is_held_against_the_default_one(api: Api, ruled: str, store: Store) -> None:
    version = draft(api, document("spring"))
    refused = activate(api, version, "spring")
    keep_proof(store, version, ruled, PROVED)

    assert refused.json["code"] == "proof_required"
    assert activate(api, version, "spring").status_code == 200


@pytest.mark.usefixtures("api")
def test_a_changed_file_is_kept_as_a_draft(ruled: str, store: Store, runtime: Runtime, tmp_path: Path) -> None:
    (tmp_path / "recommended.toml").write_text('name = "recommended"\nmodels = {cf = {weight = 1.0}}\n')
    load_policy_files(store, tmp_path, runtime.clock(), NOW.date())

    assert active_policies(store)["recommended"] == ruled
    assert len(read_policy_versions(store, "recommended")) == 2


def test_only_an_admin_changes_the_rule_and_the_audit_names_it(make_api: Any, api: Api) -> None:
    assert make_api("read").put("/v1/settings", {"require_proof": False}).status_code == 403
    assert api.put("/v1/settings", {"require_proof": "yes"}).status_code == 422
    assert api.put("/v1/settings", {"require_proof": True}).status_code == 200
    assert api.get("/v1/audit").json["items"][0]["act"] == "settings.change"


def test_the_oldest_proofs_go_beyond_the_bound(store: Store) -> None:
    for number in range(KEPT_PROOFS + 2):
        keep_proof(store, f"v{number}", "w", KeptProof(proved=True, at_ms=number, sentence=""))

    assert [read_proof(store, f"v{number}", "w") is None for number in (0, 1, 2)] == [True, True, False]
