"""What a policy is made of: settings of models and triggers, rules, the analyst's examples."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from dog.core.rulebook.effect_kinds import Effect

Direction = Literal["higher_is_better", "lower_is_better"]
Stage = Literal["eligibility", "applicability", "suitability"]

DIRECTIONS: tuple[Direction, ...] = ("higher_is_better", "lower_is_better")
STAGES: tuple[Stage, ...] = ("eligibility", "applicability", "suitability")
"""In the order in which rules are applied."""
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


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as written.

    Parameters
    ----------
    id
        Its name in explanations, one of a kind in the policy.
    effect
        What it does.
    when
        Condition in the language of docs/rules.md.
    stage
        Eligibility comes before applicability before suitability; the first exclusion is the one reported.
    reason
        For people, in explanations.
    start, end
        First and last day on which it acts, both included; `None`: no bound.
    priority
        Within a stage, higher comes first; equal ones in the order of the file.

    """

    id: str
    effect: Effect
    when: str = "true"
    stage: Stage = "suitability"
    reason: str = ""
    start: date | None = None
    end: date | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event that an example's contact has behind it.

    Parameters
    ----------
    type
        `pitch`, `win`, `loss`, `accept` or `discard`.
    days_ago
        How long before the example, at least 0.
    product, category
        What it was about; `None`: the example's own product, and its category.

    """

    type: str
    days_ago: float
    product: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """An analyst's own test of the rules: one option, and what should become of it.

    Parameters
    ----------
    name
        What it shows.
    columns
        Full column name to value; what is missing is null.
    eligible, factor
        What the rules should say; `None`: not asked.
    on
        Day on which it is asked; `None`: the day of the check.
    history
        What its contact has behind it, in any order.

    """

    name: str
    columns: Mapping[str, Any]
    eligible: bool | None = None
    factor: float | None = None
    on: date | None = None
    history: tuple[PastEvent, ...] = ()


DEFAULT_MODELS: Mapping[str, ModelSettings] = {
    "churn": ModelSettings(0.2, "lower_is_better", 30.0),
    "frequency": ModelSettings(0.4),
    "cf": ModelSettings(0.4),
}
