from dog.storage.proofs import KeptProof, keep_proof, proofs_required, read_proof, require_proofs
from dog.storage.store import Store

AS_GOOD = KeptProof(proved=True, at_ms=1, sentence="as good")


def test_a_proof_is_of_two_versions_in_one_direction(store: Store) -> None:
    keep_proof(store, "new", "old", AS_GOOD)

    assert read_proof(store, "new", "old") == AS_GOOD
    assert read_proof(store, "old", "new") is None


def test_the_last_comparison_counts(store: Store) -> None:
    failed = KeptProof(proved=False, at_ms=2, sentence="worse")
    keep_proof(store, "new", "old", AS_GOOD)
    keep_proof(store, "new", "old", failed)

    assert read_proof(store, "new", "old") == failed


def test_proofs_are_not_required_until_a_tenant_says_so(store: Store) -> None:
    before = proofs_required(store)
    require_proofs(store, required=True)
    during = proofs_required(store)
    require_proofs(store, required=False)

    assert (before, during, proofs_required(store)) == (False, True, False)
