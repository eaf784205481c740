"""The first steps of a tenant: what is loaded, whether a policy uses it, whether a list was made."""

from collections.abc import Mapping
from dataclasses import dataclass

from dog.services.lists.snapshot import Snapshots
from dog.services.lists.unknown_names import has_contact_rows
from dog.services.runtime import Runtime
from dog.storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupSteps:
    """Which steps are done: the load by kind of file, the policy, the list."""

    loaded: Mapping[str, bool]
    has_policy: bool  # an active one that uses a model with scores
    has_list: bool

    @property
    def is_done(self) -> bool:
        """Return whether nothing is left to do."""
        return all(self.loaded.values()) and self.has_policy and self.has_list


def read_setup_steps(runtime: Runtime, store: Store) -> SetupSteps:
    """Return which steps are done."""
    snapshot = runtime.shared(Snapshots).current(store)
    used = {name for active in snapshot.policies.values() for name in active.policy.models}
    return SetupSteps(
        loaded={
            "products": snapshot.catalogue.has_rows,
            "contacts": has_contact_rows(store),
            "scores": bool(snapshot.models),
        },
        has_policy=bool(used.intersection(snapshot.models)),
        has_list=any(store.in_partitions("EXISTS", "laps")),
    )
