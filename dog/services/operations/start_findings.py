"""What `doctor` says of the model `start`: whether it is trained, on what, and which of its parts are switched on."""

from collections.abc import Iterable, Mapping
from typing import Any

from dog.core.iso_weeks import iso_time
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import START
from dog.core.spoken import counted
from dog.services.operations.diagnose import Finding
from dog.services.start_proof import NOT_TRAINED, describe_proof
from dog.storage.store import Store

ABOUT = f"model {START}"
TRAIN = "dog jobs train, or run dog jobs scheduler, which does it weekly"


def check_start(store: Store, record: Mapping[str, Any] | None, policies: Iterable[Policy]) -> Finding:
    """Report the model's training and proof; `record` is that of `read_models`, None where it was never trained."""
    if record is None or "proof" not in record:  # scores of that name may have been loaded by an earlier release
        return _check_untrained(store)
    proved, trained = describe_proof(record["proof"]), iso_time(record["made_at_ms"], "seconds")
    says = f"{proved.removeprefix('start: ')}; trained {trained}"
    if any(START in policy.models for policy in policies):
        return Finding(ABOUT, says)
    fix = 'name it under [models] of a policy: start = {role = "fallback"}'
    return Finding(ABOUT, f"{says}; no policy uses it", ok=False, fix=fix)


def _check_untrained(store: Store) -> Finding:
    contacts = sum(store.in_partitions("HLEN", "transactions"))
    if contacts:
        says = f"never trained, though {counted(contacts, 'contact')} bought something: products are ordered by value"
        return Finding(ABOUT, says, ok=False, fix=TRAIN)
    if any(store.in_partitions("SCARD", "logged")):
        says = "not trained yet: it learns from wins and from transactions; products are ordered by value"
        return Finding(ABOUT, says, fix=TRAIN)
    fix = "dog load transactions FILE, or send feedback"
    return Finding(ABOUT, NOT_TRAINED.removeprefix("start: "), fix=fix)
