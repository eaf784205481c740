"""All that an evaluation found, before it is drawn or written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dog.offline.evaluation.figures import Group, Judged
from dog.offline.evaluation.impact import Impact
from dog.offline.evaluation.win_rate_advice import WinRateEvidence

MULTIPLIED = "with multipliers"
CONSOLIDATED = "consolidated"
WIN_RATE = "past win rate alone"


@dataclass(frozen=True, slots=True)
class Basis:
    """What an evaluation was made from.

    Parameters
    ----------
    tenant, policy, policy_version
        Whose history, and the policy whose models, pooling and reinforcement were used.
    made_at, first_at, last_at
        ISO instants: of the evaluation, of the first and of the last pitch.
    pitches, wins, contacts, pairs
        How much was resolved.
    refit_weeks, seed
        Weeks between two fits of the models and calibrations; what chance depends on.
    refitted
        Models that were fitted again for each block of weeks.
    left_out
        Models that could not be judged, and why.
    trusted_scores
        Whether loaded scores counted for pitches made before their `as_of`.
    fingerprint
        Hash of the pitches: equal for equal histories.

    """

    tenant: str
    policy: str
    policy_version: str
    made_at: str
    first_at: str
    last_at: str
    pitches: int
    wins: int
    contacts: int
    pairs: int
    refit_weeks: int
    seed: int
    refitted: Sequence[str]
    left_out: Mapping[str, str]
    trusted_scores: bool
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of a report, in the order in which it shows them.

    Parameters
    ----------
    basis
        What they were made from.
    win_rates
        Whether past win rates predict here, with the advice.
    judged
        Each model, the consolidated score, score times multiplier, and the past win rate alone.
    groups
        By `product`, `category`, `segment`: the figures of the largest groups.
    importance
        AUC lost when a feature of a reference model is shuffled.
    impact
        The policy against the controls of its traffic split; None where nothing was split.

    """

    basis: Basis
    win_rates: WinRateEvidence
    judged: Mapping[str, Judged]
    groups: Mapping[str, Sequence[Group]]
    importance: Mapping[str, Mapping[str, float]]
    impact: Impact | None
