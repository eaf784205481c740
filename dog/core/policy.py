"""A policy: all that an analyst may set, as one frozen value; `policy_reader.py` makes one of a document."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from dog.core.rulebook.effects import Effect
from dog.core.settings import Reinforcement

Direction = Literal["higher_is_better", "lower_is_better"]
Method = Literal["mean", "log_pool", "stacking", "rrf"]
Stage = Literal["eligibility", "applicability", "suitability"]

DIRECTIONS: tuple[Direction, ...] = ("higher_is_better", "lower_is_better")
METHODS: tuple[Method, ...] = ("mean", "log_pool", "stacking", "rrf")
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
class Triggers:
    """Where each trigger's multiplier is applied: the `consolidated` score, or a model's by name.

    Parameters
    ----------
    performance, market, business
        `consolidated` or a model's name.
    rationale
        As the others, or `model`: the model behind the refused rationale.
    business_until
        Last day on which business needs act; `None`: no end.

    """

    performance: str = CONSOLIDATED
    market: str = CONSOLIDATED
    business: str = CONSOLIDATED
    rationale: str = OWN_MODEL
    business_until: date | None = None


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

    def in_force(self, today: date) -> bool:
        """Tell whether it acts on a day."""
        return (self.start is None or self.start <= today) and (self.end is None or today <= self.end)


@dataclass(frozen=True, slots=True)
class Example:
    """An analyst's own test of the rules: one option, and what should become of it.

    Parameters
    ----------
    name
        What it shows.
    columns
        Full column name to value; what is missing is null, and nothing happened before.
    eligible, factor
        What the rules should say; `None`: not asked.
    on
        Day on which it is asked; `None`: the day of the check.

    """

    name: str
    columns: Mapping[str, Any]
    eligible: bool | None = None
    factor: float | None = None
    on: date | None = None


DEFAULT_MODELS: Mapping[str, ModelSettings] = {
    "churn": ModelSettings(0.2, "lower_is_better", 30.0),
    "frequency": ModelSettings(0.4),
    "cf": ModelSettings(0.4),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy.

    Parameters
    ----------
    name
        Slug by which requests choose it.
    models
        Model name to settings; at least one has a weight above 0.
    consolidation
        How calibrated scores become one.
    reinforcement
        How win rates become multipliers.
    triggers
        Where triggers act.
    channels, times
        What an option may have as its channel and time, first choice first.
    rules, examples
        In the order of the file.

    """

    name: str
    models: Mapping[str, ModelSettings] = field(default_factory=lambda: dict(DEFAULT_MODELS))
    consolidation: Method = "mean"
    reinforcement: Reinforcement = field(default_factory=Reinforcement)
    triggers: Triggers = field(default_factory=Triggers)
    channels: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    examples: tuple[Example, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Give back the JSON structure, every default filled in; reading it gives this policy again."""
        triggers = self.triggers
        business = {"apply_to": triggers.business, "until": triggers.business_until}
        return {
            "name": self.name,
            "models": {name: _given(asdict(settings)) for name, settings in self.models.items()},
            "consolidation": {"method": self.consolidation},
            "reinforcement": asdict(self.reinforcement),
            "triggers": {
                "performance": {"apply_to": triggers.performance},
                "market": {"apply_to": triggers.market},
                "business": _given(business),
                "rationale": {"apply_to": triggers.rationale},
            },
            "attributes": {"channels": list(self.channels), "times": list(self.times)},
            "rules": [_rule_document(rule) for rule in self.rules],
            "examples": [_example_document(example) for example in self.examples],
        }


def policy_version(policy: Policy) -> str:
    """Name a version by its content.

    Parameters
    ----------
    policy
        Any policy; how its file was laid out makes no difference.

    Returns
    -------
    16 hexadecimal digits of BLAKE2b over the canonical JSON.

    Examples
    --------
    >>> policy_version(Policy("a")) == policy_version(Policy("a")) != policy_version(Policy("b"))
    True

    """
    canonical = json.dumps(policy.to_document(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()


def _given(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in table.items()
        if value is not None
    }


def _rule_document(rule: Rule) -> dict[str, Any]:
    return _given(
        {
            "id": rule.id,
            "stage": rule.stage,
            "when": rule.when,
            "then": {rule.effect.kind: rule.effect.to_document()},
            "reason": rule.reason,
            "from": rule.start,
            "to": rule.end,
            "priority": rule.priority,
        }
    )


def _example_document(example: Example) -> dict[str, Any]:
    document: dict[str, Any] = {"name": example.name}
    for name, value in example.columns.items():
        root, dot, leaf = name.partition(".")
        if dot:
            document.setdefault(root, {})[leaf] = value
        else:
            document[name] = value
    expect = _given({"eligible": example.eligible, "factor": example.factor})
    return document | _given({"on": example.on}) | {"expect": expect}
