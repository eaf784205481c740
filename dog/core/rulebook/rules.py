"""Rules as written, and the stages in which they are applied."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from dog.core.rulebook.effect_kinds import RuleEffect

Stage = Literal["eligibility", "applicability", "suitability"]

STAGES: tuple[Stage, ...] = ("eligibility", "applicability", "suitability")
"""In the order in which rules are applied."""


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
    effect: RuleEffect
    when: str = "true"
    stage: Stage = "suitability"
    reason: str = ""
    start: date | None = None
    end: date | None = None
    priority: int = 0
