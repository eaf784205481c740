"""Mandatory proofs: a tenant may require that a policy version is proved against the one that it replaces."""

from datetime import UTC, datetime

from dog.errors import Conflict
from dog.storage.policy_versions import ANY, active_policies, read_default_policy
from dog.storage.proofs import proofs_required, read_proof, was_active
from dog.storage.store import Store


class ProofRequired(Conflict):
    """The tenant requires a proof, and none shows that the version is at least as good as the active one."""

    code = "proof_required"


def check_proof_rule(store: Store, name: str, version: str, expected: str = ANY) -> str:
    """Return the version to replace: `expected`, or the one that the new version was proved against.

    A version that was active before needs no proof, so that a rollback need not wait. The first version of a policy is
    compared with the default policy, which served its contacts until now. Raises `ProofRequired` where the tenant
    requires a proof, and there is none, or the last one failed.
    """
    if not proofs_required(store):
        return expected
    active = active_policies(store)
    own = active.get(name, "")
    default = read_default_policy(store)
    champion = own or active.get(default, "")
    if champion not in ("", version) and not was_active(store, name, version):
        _check_proved(store, name, version, champion, name if own else default)
    return own if expected == ANY else expected


def check_default_proof(store: Store, name: str) -> None:
    """Raise `ProofRequired` where the tenant requires proofs and a policy has none against the default it replaces."""
    active, default = active_policies(store), read_default_policy(store)
    if proofs_required(store) and name != default and default in active:
        _check_proved(store, name, active[name], active[default], default)


def _check_proved(store: Store, name: str, version: str, champion: str, against: str) -> None:
    proof = read_proof(store, version, champion)
    if proof is not None and proof.proved:
        return
    message = f"version {version} of policy '{name}' has no proof against {champion}, which is active"
    if proof is not None:
        day = datetime.fromtimestamp(proof.at_ms / 1000, UTC).date()
        message = (
            f"version {version} of policy '{name}' was not proved against {champion} on {day}, which is active: "
            f"{proof.sentence}"
        )
    raise ProofRequired(
        f"{message}; this tenant requires a proof: dog policy prove FILE --against {against} "
        "(the rule is set by dog policy require-proof)"
    )
