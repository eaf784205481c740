"""Doctor's findings on names that feedback or rows sent and nobody loaded, and on events that wait for them."""

from collections.abc import Iterator

from dog.services.data.unknown_rows import describe_unknown
from dog.services.lists.snapshot import Snapshot, Snapshots
from dog.services.operations.diagnose import Finding
from dog.services.runtime import Runtime
from dog.storage.name_counts import forget_unknown_names, read_unknown_names
from dog.storage.quarantine import count_waiting
from dog.storage.store import Store

FIX = "load them: dog load products FILE (or contacts), or correct what the sender writes"
WAITING_FIX = (
    "load the rows that they name: they are then recorded; or accept them as they are: PUT /v1/settings "
    '{"unknown": "accept"}; or take one back: POST /v1/feedback/EVENT_ID/retract'
)


def check_unknown_names(runtime: Runtime, store: Store) -> Iterator[Finding]:
    """Report unknown names with how often they came, and how many events wait; what is known by now is forgotten."""
    snapshot, counts = runtime.shared(Snapshots).current(store), read_unknown_names(store)
    known = {name for name in counts if _is_known(snapshot, *name)}
    forget_unknown_names(store, known)
    left = {name: count for name, count in counts.items() if name not in known}
    for line in describe_unknown(store, left, "time"):
        yield Finding("unknown names", line, fix=FIX)
    if waiting := count_waiting(store):
        yield Finding("quarantine", f"{waiting:,} events wait for unknown names", ok=False, fix=WAITING_FIX)


def _is_known(snapshot: Snapshot, kind: str, name: str) -> bool:
    if kind == "product":
        return snapshot.catalogue.row(name) is not None
    policies = [active.policy for active in snapshot.policies.values()]
    if kind == "model":
        return name in snapshot.models or any(name in policy.models for policy in policies)
    return kind in ("channel", "time") and any(name in getattr(policy, f"{kind}s") for policy in policies)
