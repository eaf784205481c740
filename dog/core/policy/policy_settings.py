"""The settings of a policy besides reinforcement and rules, each one declaration: type, description, range, default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Literal

from dog.core.consolidation import METHODS, Method
from dog.core.documents.choice_fields import ChoiceField
from dog.core.documents.fields import DayField, NumberField, TextField, TextsField, read_text
from dog.core.documents.section import Section
from dog.core.documents.tables import DocumentTable, TableField

Direction = Literal["higher_is_better", "lower_is_better"]
Role = Literal["fallback"]

DIRECTIONS: tuple[Direction, ...] = ("higher_is_better", "lower_is_better")
ROLES: tuple[Role, ...] = ("fallback",)
CONSOLIDATED = "consolidated"
OWN_MODEL = "model"
START = "start"
"""The model that is computed with each request, from attributes and events; no scores of it are stored."""
SLUG = "[a-z][a-z0-9_-]{0,63}"


@dataclass(frozen=True, slots=True)
class ModelSettings(DocumentTable):
    """How one model's scores enter the consolidated score."""

    weight: Annotated[
        float, NumberField("Share of the model, before the weights are made to sum to 1.", at_least=0)
    ] = 1.0
    direction: Annotated[
        Direction | None,
        ChoiceField(
            "Whether a higher or a lower score speaks for the option; without it, as stated of the model, else higher.",
            DIRECTIONS,
        ),
    ] = None
    max_age_days: Annotated[float | None, NumberField("Older scores are left out; without it, none.", above=0)] = None
    role: Annotated[
        Role | None,
        ChoiceField("`fallback`: the model counts only where no other has a score of the product.", ROLES),
    ] = field(default=None, kw_only=True)

    @property
    def is_fallback(self) -> bool:
        """Whether the model counts only where no other has a score of the product."""
        return self.role == "fallback"


@dataclass(frozen=True, slots=True)
class Consolidation(DocumentTable):
    """How calibrated scores become one."""

    method: Annotated[Method, ChoiceField("Method of consolidation.", METHODS)] = "stacking"


@dataclass(frozen=True, slots=True)
class Attributes(DocumentTable):
    """What an option may have."""

    channels: Annotated[tuple[str, ...], TextsField("Channels of an option, first choice first.")] = ()
    times: Annotated[tuple[str, ...], TextsField("Times of an option, first choice first.")] = ()


@dataclass(frozen=True, slots=True)
class Shadow(DocumentTable):
    """A challenger that ranks a share of the served requests as well, and is never served."""

    challenger: Annotated[
        str,
        TextField(
            "Name of an active policy, or NAME@VERSION for any stored version.",
            pattern=f"{SLUG}(@[0-9a-f]{{16}})?",
            must="must be the name of a policy, or NAME@VERSION for a stored version",
        ),
    ]
    share: Annotated[
        float, NumberField("Share of decisions for which the challenger makes a list, too.", above=0, at_most=1)
    ] = 0.1


class TargetField(TextField):
    """What a trigger's multiplier is applied to: its default, the consolidated score, or a model of the policy."""

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read one of the targets."""
        targets = (CONSOLIDATED, *section.names)
        return read_text(section, key, default, targets if default == CONSOLIDATED else (default, *targets))


@dataclass(frozen=True, slots=True)
class TriggerSettings(DocumentTable):
    """Where a trigger's multiplier is applied."""

    apply_to: Annotated[str, TargetField("The consolidated score, or a model by its name.")] = CONSOLIDATED


@dataclass(frozen=True, slots=True)
class BusinessTrigger(TriggerSettings):
    """A trigger that may end."""

    until: Annotated[date | None, DayField("Last day on which the trigger acts; without it, no end.")] = None

    def acts_on(self, day: date) -> bool:
        """Return whether the trigger still acts on a day."""
        return self.until is None or day <= self.until


@dataclass(frozen=True, slots=True)
class RationaleTrigger(TriggerSettings):
    """A trigger that may apply to the model behind the refused rationale."""

    apply_to: Annotated[str, TargetField("The model behind the rationale (`model`), or as elsewhere.")] = OWN_MODEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggers(DocumentTable):
    """The settings of each trigger."""

    performance: Annotated[TriggerSettings, TableField("Discards for poor performance.", TriggerSettings)] = (
        TriggerSettings()
    )
    market: Annotated[TriggerSettings, TableField("Discards for the market.", TriggerSettings)] = TriggerSettings()
    business: Annotated[BusinessTrigger, TableField("Discards for business reasons.", BusinessTrigger)] = (
        BusinessTrigger()
    )
    rationale: Annotated[RationaleTrigger, TableField("Discards of a rationale.", RationaleTrigger)] = (
        RationaleTrigger()
    )


DEFAULT_MODELS: Mapping[str, ModelSettings] = {
    "churn": ModelSettings(0.2, "lower_is_better", 30.0),
    "frequency": ModelSettings(0.4),
    "cf": ModelSettings(0.4),
    START: ModelSettings(role="fallback"),
}

VARIANTS: Mapping[str, NumberField] = {
    "no_multiplier": NumberField("Share of contacts ranked without reinforcement.", above=0, at_most=1),
    "no_rules": NumberField("Share of contacts with no rules but exclusions of stage eligibility.", above=0, at_most=1),
    "random_eligible": NumberField("Share of contacts with eligible options in random order.", above=0, at_most=1),
}
"""The share of contacts that each of `traffic_split.CONTROLS` may take."""
