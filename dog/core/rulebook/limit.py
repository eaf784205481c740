"""`{limit = {event = "pitch", by = "contact", at_most = 3, days = 7}}`: excluded after a number of past events."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from dog.core.documents.choice_fields import ChoiceField
from dog.core.documents.fields import WholeField
from dog.core.kernels.rank_by_rules import LIMIT
from dog.core.rulebook.column_schema import EVENTS
from dog.core.rulebook.effect_context import EffectTables, EventWindow, RuleEffect

BY: tuple[str, ...] = ("contact", "pair", "product", "category")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit(RuleEffect):
    """Exclude options that have had `at_most` events already."""

    kind: ClassVar[str] = "limit"
    about: ClassVar[str] = "Exclude options after a number of past events."
    read_first: ClassVar[tuple[str, ...]] = ("event", "by", "days")

    event: Annotated[str, ChoiceField("Type of the events that count.", EVENTS)]
    by: Annotated[
        str,
        ChoiceField(
            "Whose events: the contact's, the pair's, the product's with any contact, the contact's in the category.",
            BY,
        ),
    ]
    at_most: Annotated[int, WholeField("Events after which the option is excluded.", at_least=1, at_most=1_000_000)]
    days: Annotated[int, WholeField("Days back from now.", at_least=1, at_most=366)]

    @property
    def window(self) -> EventWindow:
        """Return which past events count."""
        return EventWindow(self.event, self.by, self.days)

    def tabulate(self, rule: int, tables: EffectTables) -> None:
        """Exclude the options for which the rule holds and whose events reach the limit."""
        tables.set_effect(rule, LIMIT, at_most=self.at_most, window=tables.windows.index(self.window))
