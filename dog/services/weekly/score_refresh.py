"""Which of a policy's models have new scores or were retrained since the version before, and what that takes out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dog.core.policy.policy import Policy
from dog.storage.model_dates import trained_by

Noted = Mapping[str, int]
"""By model: how often its scores had changed, or its training cut-off (ms since 1970), when a version was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRefresh:
    """What a policy's models changed between two versions.

    Parameters
    ----------
    scores, trained
        What this version notes of each model.
    measures
        Whether any model's scores changed, and the policy measures what new scores know.
    retrained
        Training cut-offs passed since the version before, each with the share of earlier evidence that it takes out:
        the policy's share times the weight of its models.

    """

    scores: Noted
    trained: Noted
    measures: bool
    retrained: tuple[tuple[int, float], ...]


def find_refresh(
    policy: Policy, records: Mapping[str, Mapping[str, Any]], before: Mapping[str, Any] | None, end_ms: int
) -> ScoreRefresh:
    """Find what changed by a week's end; `before` is what the version before describes of the policy, if anything.

    A model that the version before does not know is not a refresh: its first scores and its first cut-off take nothing
    out. Models without a weight in the policy never count.
    """
    weights = {
        name: model.weight for name, model in policy.primary_models.items() if model.weight > 0 and name in records
    }
    known = before or {}
    scores, trained = dict(known.get("scores", {})), dict(known.get("trained", {}))
    has_changed, shares = False, defaultdict[int, float](float)
    for name, weight in weights.items():
        record = records[name]
        if (record.get("as_of_ms") or 0) <= end_ms:
            changes = int(record.get("changes") or 0)
            has_changed |= name in scores and scores[name] != changes
            scores[name] = changes
        if cutoff_ms := trained_by(record, end_ms):
            if cutoff_ms > trained.get(name, cutoff_ms):
                shares[cutoff_ms] += weight / sum(weights.values())
            trained[name] = cutoff_ms
    absorb = policy.reinforcement.absorb
    if absorb == "measured":
        return ScoreRefresh(scores=scores, trained=trained, measures=has_changed and before is not None, retrained=())
    retrained = tuple((cutoff_ms, absorb * share) for cutoff_ms, share in sorted(shares.items()))
    return ScoreRefresh(scores=scores, trained=trained, measures=False, retrained=retrained)
