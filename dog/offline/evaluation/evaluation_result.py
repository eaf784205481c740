"""The result of an evaluation; `figures.json` holds these fields, in this order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dog.offline.evaluation.impact import SplitImpact
from dog.offline.evaluation.model_advice import ModelAdvice
from dog.offline.evaluation.prediction_quality import GroupQuality, PredictionQuality
from dog.offline.evaluation.win_rate_advice import WinRateEvidence

MULTIPLIED = "with multipliers"
AS_SERVED = "with streaks and rules"
EXPLORED = "in list order"
CONSOLIDATED = "consolidated"
WIN_RATE = "past win rate alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What an evaluation was made from.

    `made_at`, `first_at` and `last_at` are ISO instants: of the evaluation, of the first and of the last pitch.
    `not_replayed` names what is served but not replayed, with the reason. `refitted` names the models fitted again for
    each block of weeks, `left_out` those that could not be judged and why. `read_share` is the share of the tenant's
    partitions that was read, 1 for all. `fingerprint` is a hash of the history.
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
    not_replayed: Mapping[str, str]
    read_share: float
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The figures of a report, in the order in which it shows them.

    `models` compares the consolidated score with each model. `judged` holds each model, the consolidated score,
    score times multiplier, the same with streaks and multiplying rules where there are any, the order of the list where
    it explores, and the past win rate alone. `groups` holds the largest groups by `product`, `category` and `segment`.
    `importance` is the AUC lost when a feature of a reference model is shuffled. `impact` is None where no traffic was
    split. `start` is the proof of the model start (`StartReport.to_document`), None where nothing was bought or won.
    """

    basis: Basis
    win_rates: WinRateEvidence
    models: ModelAdvice
    judged: Mapping[str, PredictionQuality]
    groups: Mapping[str, Sequence[GroupQuality]]
    importance: Mapping[str, Mapping[str, float]]
    impact: SplitImpact | None
    start: Mapping[str, Any] | None
