"""A policy: all that an analyst may set, as one frozen value; `policy_reader.py` makes one."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from dog.core.consolidation import Method
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.policy.policy_settings import DEFAULT_MODELS, ModelSettings, Shadow, Triggers
from dog.core.rulebook.examples import Example
from dog.core.rulebook.rules import Rule

DEFAULT_NAME = "recommended"
"""The policy of requests that name none."""


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
    variants
        Share of contacts that get each control in place of the policy, together below 1 (`core/variants.py`).
    shadow
        A challenger whose lists are made beside; None where there is none.
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
    variants: Mapping[str, float] = field(default_factory=dict)
    shadow: Shadow | None = None
    rules: tuple[Rule, ...] = ()
    examples: tuple[Example, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Give back the JSON structure, every default filled in; reading it gives this policy again."""
        document: dict[str, Any] = {
            "name": self.name,
            "models": {name: _given(asdict(settings)) for name, settings in self.models.items()},
            "consolidation": {"method": self.consolidation},
            "reinforcement": asdict(self.reinforcement),
            "triggers": {name: _given(trigger) for name, trigger in asdict(self.triggers).items()},
            "attributes": {"channels": list(self.channels), "times": list(self.times)},
            "rules": [_rule_document(rule) for rule in self.rules],
            "examples": [_example_document(example) for example in self.examples],
        }
        document |= {"variants": dict(self.variants)} if self.variants else {}
        return document | ({"shadow": asdict(self.shadow)} if self.shadow else {})


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
    if example.history:
        document["history"] = [_given(asdict(event)) for event in example.history]
    expect = _given({"eligible": example.eligible, "factor": example.factor})
    return document | _given({"on": example.on}) | {"expect": expect}
