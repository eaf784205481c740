"""Fields that take one of some texts, alone or beside numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dog.core.documents.fields import DocumentField, NumberField, read_text
from dog.core.documents.section import Section


@dataclass(frozen=True, slots=True)
class ChoiceField(DocumentField):
    """One of some texts."""

    choices: Sequence[str] = ()

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read it."""
        value = read_text(section, key, default, self.choices)
        return value if value in self.choices or default is None else self.choices[0]

    def refusal(self, value: Any) -> str | None:
        """Name the choices."""
        return None if value in self.choices else f"must be one of {', '.join(self.choices)}"

    def _shape(self) -> dict[str, Any]:
        return {"enum": list(self.choices)}


@dataclass(frozen=True, slots=True)
class ChoiceOrNumberField(DocumentField):
    """One of some texts, or a number."""

    choices: Sequence[str] = ()
    number: NumberField = field(default_factory=NumberField)

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read it as what it is given as."""
        if isinstance(section.given(key), int | float):
            return self.number.read(section, key, default)
        return read_text(section, key, default, self.choices)

    def refusal(self, value: Any) -> str | None:
        """Name the choices and the range."""
        if (value in self.choices) if isinstance(value, str) else self.number.refusal(value) is None:
            return None
        refused = str(self.number.refusal(math.nan)).removeprefix("must be in ")
        return f"must be {', '.join(self.choices)} or a number in {refused}"

    def _shape(self) -> dict[str, Any]:
        return {"anyOf": [{"enum": list(self.choices)}, self.number.schema()]}


@dataclass(frozen=True, slots=True)
class ChoiceOrNumbersField(ChoiceOrNumberField):
    """One of some texts, or two numbers; where `alone` is set, one number stands for both."""

    alone: bool = field(default=False, kw_only=True)

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read texts and single numbers as they are given, and a list as a tuple."""
        value = section.given(key)
        if not isinstance(value, list | tuple) and (self.alone or not isinstance(value, int | float)):
            return ChoiceOrNumberField.read(self, section, key, default)
        numbers = value if isinstance(value, list | tuple) else ()
        if len(numbers) != 2 or not all(isinstance(it, int | float) and not isinstance(it, bool) for it in numbers):
            section.fault(key, "wrong_type", self._must())
        elif self.refusal(tuple(numbers)):
            section.fault(key, "out_of_range", self._must())
        else:
            return float(numbers[0]), float(numbers[1])
        return default

    def refusal(self, value: Any) -> str | None:
        """Name the choices and the range."""
        if isinstance(value, tuple):
            return self._must() if any(self.number.refusal(it) is not None for it in value) else None
        return ChoiceOrNumberField.refusal(self, value)

    def write(self, value: Any) -> Any:
        """Return two numbers as a list."""
        return list(value) if isinstance(value, tuple) else value

    def _must(self) -> str:
        refused = str(self.number.refusal(math.nan)).removeprefix("must be in ").removeprefix("must be ")
        return f"must be {', '.join(self.choices)}{', a number' * self.alone} or a list of two numbers, each {refused}"

    def _shape(self) -> dict[str, Any]:
        number = self.number.schema()
        numbers = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
        return {"anyOf": [{"enum": list(self.choices)}, *([number] if self.alone else []), numbers]}
