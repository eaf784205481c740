"""`{limit = {event = "pitch", by = "contact", at_most = 3, days = 7}}`: rest after so many past events."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dog.core.documents.section import Section
from dog.core.rulebook.column_schema import EVENTS
from dog.core.rulebook.columns import Bools
from dog.core.rulebook.effect_context import EffectInput, EffectOutput, EventWindow

BY: tuple[str, ...] = ("contact", "pair", "product", "category")
MAX_DAYS = 366
MAX_EVENTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """Let options rest.

    Parameters
    ----------
    window
        Which past events count.
    at_most
        Options with so many of them already, or more, are excluded; at least 1.

    """

    kind: ClassVar[str] = "limit"
    window: EventWindow
    at_most: int

    @classmethod
    def read(cls, then: Section) -> "Limit":
        """Read it from the rule's `then`."""
        inner = then.section(cls.kind)
        event, by = inner.text("event", choices=EVENTS), inner.text("by", choices=BY)
        days = inner.whole("days", at_least=1, at_most=MAX_DAYS)
        limit = cls(EventWindow(event, by, days), inner.whole("at_most", at_least=1, at_most=MAX_EVENTS))
        inner.close()
        return limit

    def to_document(self) -> Any:
        """Give back what stands after the effect's name."""
        window = self.window
        return {"event": window.event, "by": window.by, "at_most": self.at_most, "days": window.days}

    def apply(self, rule: int, fired: Bools, given: EffectInput, output: EffectOutput) -> None:
        """Exclude the options for which the rule fired and which have had enough."""
        output.exclude(rule, fired & (given.counts[self.window] >= self.at_most))
