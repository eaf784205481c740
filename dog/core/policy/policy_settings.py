"""What a policy is made of: settings of models and triggers, shadow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Direction = Literal["higher_is_better", "lower_is_better"]

DIRECTIONS: tuple[Direction, ...] = ("higher_is_better", "lower_is_better")
CONSOLIDATED = "consolidated"
OWN_MODEL = "model"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How one model's scores enter the consolidated score.

    Parameters
    ----------
    weight
        Its share before the weights are made to sum to 1, at least 0.
    direction
        Whether a higher or a lower score speaks for the option.
    max_age_days
        Scores older than this are left out; `None`: never.

    """

    weight: float = 1.0
    direction: Direction = "higher_is_better"
    max_age_days: float | None = None


@dataclass(frozen=True, slots=True)
class Shadow:
    """A challenger whose lists are made beside a share of the served ones, and never served.

    Parameters
    ----------
    challenger
        The name of an active policy, or NAME@VERSION for any stored version.
    share
        Share of decisions, in (0, 1].

    """

    challenger: str
    share: float


@dataclass(frozen=True, slots=True)
class TriggerSettings:
    """Where a trigger's multiplier is applied, and until when.

    Parameters
    ----------
    apply_to
        `consolidated`, a model's name, or, for refused rationales only, `model`: the model behind the
        rationale.
    until
        Last day on which the trigger acts; `None`: no end.

    """

    apply_to: str = CONSOLIDATED
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Triggers:
    """The settings of each trigger, by its name in the file."""

    performance: TriggerSettings = field(default_factory=TriggerSettings)
    market: TriggerSettings = field(default_factory=TriggerSettings)
    business: TriggerSettings = field(default_factory=TriggerSettings)
    rationale: TriggerSettings = field(default_factory=lambda: TriggerSettings(OWN_MODEL))


DEFAULT_MODELS: Mapping[str, ModelSettings] = {
    "churn": ModelSettings(0.2, "lower_is_better", 30.0),
    "frequency": ModelSettings(0.4),
    "cf": ModelSettings(0.4),
}
