"""Proof as the rule of a tenant: no version of a policy comes in force that is not proved against the one in force."""

from datetime import UTC, datetime

from dog.core.policy.policy import DEFAULT_NAME
from dog.errors import Conflict
from dog.storage.policy_versions import ANY, active_policies
from dog.storage.proofs import proofs_required, read_proof, was_in_force
from dog.storage.store import Store


class ProofRequired(Conflict):
    """The tenant asks for a proof, and there is none that the version is at least as good as the one in force."""

    code = "proof_required"


def check_proof_rule(store: Store, name: str, version: str, expected: str = ANY) -> str:
    """Refuse a version without a proof where the tenant asks for one.

    A version that was in force before needs none: it has been lived with, and a way back must not wait for a proof.
    The first version of a policy is compared with the default policy, which served its contacts until now.

    Returns
    -------
    The version of the policy that must still be in force when this one takes its place: the one that it was proved
    against, where `expected` leaves it open.

    Raises
    ------
    ProofRequired
        There is no proof, or the last one failed.

    """
    if not proofs_required(store):
        return expected
    active = active_policies(store)
    own = active.get(name, "")
    champion = own or active.get(DEFAULT_NAME, "")
    if champion not in ("", version) and not was_in_force(store, name, version):
        _check_proved(store, name, version, champion, name if own else DEFAULT_NAME)
    return own if expected == ANY else expected


def _check_proved(store: Store, name: str, version: str, champion: str, against: str) -> None:
    proof = read_proof(store, version, champion)
    if proof is not None and proof.proved:
        return
    message = f"version {version} of policy '{name}' has no proof against {champion}, which is in force"
    if proof is not None:
        day = datetime.fromtimestamp(proof.at_ms / 1000, UTC).date()
        message = (
            f"version {version} of policy '{name}' was not proved against {champion} on {day}, which is in force: "
            f"{proof.sentence}"
        )
    raise ProofRequired(
        f"{message}; this tenant requires a proof: python -m dog policy prove FILE --against {against} "
        "(the rule is set by python -m dog policy require-proof)"
    )
