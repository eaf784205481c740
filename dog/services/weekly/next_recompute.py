"""What the next recompute would publish under other settings if the evidence stayed the same."""

from dataclasses import replace

import numpy as np

from dog.core.learning.evidence import weighed_evidence
from dog.core.learning.priors import Priors
from dog.core.learning.reinforcement import Multipliers, product_multipliers, reinforce
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.services.lists.active_policy import ActivePolicy, PolicyMultipliers, build_multipliers
from dog.services.lists.read_contact import ContactState
from dog.services.lists.snapshot import Snapshot


def means_the_same(before: Reinforcement, settings: Reinforcement) -> bool:
    """Return whether multipliers by two settings can be compared, so that the limited step applies between them."""
    return (before.neutral, before.on_odds) == (settings.neutral, settings.on_odds)


def reinforce_pairs(
    pairs: np.ndarray,
    recursions: np.ndarray | int,
    priors: Priors,
    settings: Reinforcement,
    previous: np.ndarray | float,
) -> Multipliers:
    """Return the multipliers of records of `PAIRS` from their evidence."""
    places = np.minimum(pairs["product"].astype(np.int64), len(priors.product_rates) - 1)
    return reinforce(places, weighed_evidence(pairs), priors, recursions, previous, settings)


def next_multipliers(
    pairs: np.ndarray, recursions: np.ndarray | int, known: PolicyMultipliers, settings: Reinforcement
) -> np.ndarray:
    """Return what the next recompute would make of the multipliers of pairs, the limited step included."""
    previous = pairs["multiplier"] if means_the_same(known.settings, settings) else np.nan
    return reinforce_pairs(pairs, recursions, known.priors, settings, previous).value


class NextRecompute:
    """A tenant as the next recompute would leave it, if a policy of the snapshot had other settings of learning."""

    def __init__(self, snapshot: Snapshot, name: str, settings: Reinforcement) -> None:
        active = snapshot.policies[name]
        self._known, self._settings = active.multipliers, settings
        self.snapshot = replace(snapshot, policies={**snapshot.policies, name: self._recompute(active)})

    def _recompute(self, active: ActivePolicy) -> ActivePolicy:
        known, settings = self._known, self._settings
        if known is None:
            return active
        before = known.baseline if means_the_same(known.settings, settings) else np.nan
        baseline = product_multipliers(known.priors, before, settings).value
        baseline[-1] = 1.0  # of products loaded since
        multipliers = replace(build_multipliers(settings, known.priors, baseline), values=known.values)
        return replace(active, multipliers=multipliers, plan=replace(active.plan, on_odds=settings.on_odds))

    def contact(self, contact: ContactState) -> ContactState:
        """Return a contact with the multipliers that its pairs would have."""
        if self._known is None or not len(contact.pairs):
            return contact
        pairs = contact.pairs.copy()
        pairs["multiplier"] = next_multipliers(pairs, contact.recursions, self._known, self._settings)
        return replace(contact, pairs=pairs)
