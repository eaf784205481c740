"""`{exclude = true}`: where the condition is true, the option is never listed."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from dog.core.documents.fields import FlagField
from dog.core.documents.section import Section
from dog.core.kernels.rank_by_rules import EXCLUDE
from dog.core.rulebook.effect_context import EffectTables, RuleEffect


class TrueField(FlagField):
    """A flag that can only be true."""

    def read(self, section: Section, key: str, default: Any) -> bool:
        """Read it; false is a fault."""
        if FlagField.read(self, section, key, default) is False:
            section.fault(key, "unknown_value", "must be true; leave the rule out to exclude nothing")
        return True

    def _shape(self) -> dict[str, Any]:
        return {"const": True}


@dataclass(frozen=True, slots=True)
class Exclude(RuleEffect):
    """Keep options off the list."""

    kind: ClassVar[str] = "exclude"

    excluded: Annotated[bool, TrueField("Keep these options off the list.", key="exclude")] = True

    def tabulate(self, rule: int, tables: EffectTables) -> None:
        """Exclude the options for which the rule holds."""
        tables.set_effect(rule, EXCLUDE)
