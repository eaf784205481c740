"""A policy: all that an analyst may set, as one frozen value; `policy_reader.py` reads one."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from dog.core.consolidation import Method
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.policy.policy_settings import DEFAULT_MODELS, ModelSettings, Shadow, Triggers
from dog.core.rulebook.examples import Example
from dog.core.rulebook.rules import Rule

DEFAULT_POLICY = "recommended"
"""The default policy of a tenant that has not set one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of a policy."""

    name: str  # slug by which requests choose it
    # model name to settings; at least one has a weight above 0
    models: Mapping[str, ModelSettings] = field(default_factory=lambda: dict(DEFAULT_MODELS))
    consolidation: Method = "stacking"  # how calibrated scores become one
    reinforcement: Reinforcement = field(default_factory=Reinforcement)  # how win rates become multipliers
    triggers: Triggers = field(default_factory=Triggers)  # where triggers act
    channels: tuple[str, ...] = ()  # what an option may have as its channel and time, first choice first
    times: tuple[str, ...] = ()
    # share of contacts that get each control in place of the policy, together below 1 (`core/traffic_split.py`)
    variants: Mapping[str, float] = field(default_factory=dict)
    # a challenger that ranks a share of the served requests as well; None where there is none
    shadow: Shadow | None = None
    rules: tuple[Rule, ...] = ()  # in the order of the file
    examples: tuple[Example, ...] = ()

    @property
    def primary_models(self) -> dict[str, ModelSettings]:
        """The models that are not fallbacks: those that are pooled, weighed and fitted to outcomes."""
        return {name: settings for name, settings in self.models.items() if not settings.is_fallback}

    def to_document(self) -> dict[str, Any]:
        """Return the JSON structure with every default; reading it gives this policy again."""
        document: dict[str, Any] = {
            "name": self.name,
            "models": {name: settings.to_document() for name, settings in self.models.items()},
            "consolidation": {"method": self.consolidation},
            "reinforcement": self.reinforcement.to_document(),
            "triggers": self.triggers.to_document(),
            "attributes": {"channels": list(self.channels), "times": list(self.times)},
            "rules": [rule.to_document() for rule in self.rules],
            "examples": [example.to_document() for example in self.examples],
        }
        document |= {"variants": dict(self.variants)} if self.variants else {}
        return document | ({"shadow": self.shadow.to_document()} if self.shadow else {})


def default_policy(stated: str, active: Collection[str]) -> str:
    """Return the name of the policy that serves requests which name none.

    Parameters
    ----------
    stated
        What the tenant has set, "" for nothing.
    active
        Names of the active policies.

    Examples
    --------
    >>> default_policy("", ["spring", "recommended"]), default_policy("spring", ["spring", "recommended"])
    ('recommended', 'spring')
    >>> default_policy("", ["spring"])
    'spring'

    """
    if stated in active:
        return stated
    return next(iter(active)) if len(active) == 1 else DEFAULT_POLICY


def policy_version(policy: Policy) -> str:
    """Return the name of a version, a digest of its content.

    Parameters
    ----------
    policy
        Any policy; the layout of its file makes no difference.

    Returns
    -------
    16 hexadecimal digits of BLAKE2b over the canonical JSON.

    Examples
    --------
    >>> policy_version(Policy(name="a")) == policy_version(Policy(name="a")) != policy_version(Policy(name="b"))
    True

    """
    canonical = json.dumps(policy.to_document(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()
