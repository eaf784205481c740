"""Rules as written, and the stages in which they are applied."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from dog.core.documents.choice_fields import ChoiceField
from dog.core.documents.fields import DayField, TextField, WholeField
from dog.core.documents.section import Section
from dog.core.documents.tables import DocumentTable
from dog.core.rulebook.effect_context import RuleEffect
from dog.core.rulebook.effect_kinds import EffectField

Stage = Literal["eligibility", "applicability", "suitability"]

STAGES: tuple[Stage, ...] = ("eligibility", "applicability", "suitability")
"""In the order in which rules are applied; the first exclusion is the one reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(DocumentTable):
    """One rule, as written."""

    read_first: ClassVar[tuple[str, ...]] = ("id", "effect", "when")

    id: Annotated[str, TextField("Name of the rule in explanations, unique in the policy.")]
    stage: Annotated[
        Stage, ChoiceField("Eligibility comes before applicability, applicability before suitability.", STAGES)
    ] = "suitability"
    when: Annotated[str, TextField("Condition in the SQL of docs/reference/conditions.md.")] = "true"
    effect: Annotated[RuleEffect, EffectField("What the rule does: exactly one effect.", key="then")]
    reason: Annotated[str, TextField("Reason, shown in explanations.")] = ""
    start: Annotated[date | None, DayField("First day on which the rule acts.", key="from")] = None
    end: Annotated[date | None, DayField("Last day on which the rule acts.", key="to")] = None
    priority: Annotated[
        int, WholeField("Within a stage, higher comes first; equal ones as written.", at_least=-1000, at_most=1000)
    ] = 0

    @classmethod
    def read(cls, section: Section) -> Self:
        """Read a rule; its condition is not parsed here."""
        rule = cls(**cls.read_values(section))
        if rule.start and rule.end and rule.end < rule.start:
            section.fault("to", "out_of_range", "is before `from`: the rule would never act")
        section.close()
        return rule
