"""Fields of texts and numbers: what is read, what is refused, and how it is written."""

from typing import Any

import pytest

from dog.core.documents.choice_fields import ChoiceField, ChoiceOrNumberField, ChoiceOrNumbersField
from dog.core.documents.fields import NumberField
from dog.core.documents.section import Section

SHARE = NumberField(at_least=0, at_most=1)
TRUST = ChoiceOrNumbersField("Trust.", ("learned",), SHARE, alone=True)
CLAMP = ChoiceOrNumbersField("Clamp.", ("off",), NumberField(above=0))


def read(field: Any, value: Any, default: Any = "default") -> tuple[Any, list[str]]:
    section = Section({} if value is None else {"it": value})
    return field.read(section, "it", default), [fault.message for fault in section.faults]


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        (TRUST, "learned", "learned"),
        (TRUST, 0.5, 0.5),
        (TRUST, [0.2, 1], (0.2, 1.0)),
        (CLAMP, "off", "off"),
        (CLAMP, [0.25, 4], (0.25, 4.0)),
        (ChoiceOrNumberField("Absorb.", ("measured",), SHARE), 0.3, 0.3),
        (ChoiceField("On.", ("odds", "score")), "score", "score"),
    ],
)
def test_texts_and_numbers_are_read_as_they_are(field: Any, value: Any, found: Any) -> None:
    assert read(field, value) == (found, [])
    assert field.write(found) == (list(found) if isinstance(found, tuple) else found)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        (TRUST, 2, "must be a finite number of at least 0 and of at most 1"),
        (TRUST, [0.5], "must be learned, a number or a list of two numbers, each [0, 1]"),
        (TRUST, [0.5, 3], "must be learned, a number or a list of two numbers, each [0, 1]"),
        (CLAMP, 0.5, "must be off or a list of two numbers, each above 0"),
        (CLAMP, [0, 4], "must be off or a list of two numbers, each above 0"),
        (CLAMP, [True, 4], "must be off or a list of two numbers, each above 0"),
        (CLAMP, "of", "must be one of off; did you mean off?"),
    ],
)
def test_what_is_neither_is_refused_in_one_sentence(field: Any, value: Any, says: str) -> None:
    assert read(field, value) == ("default", [says])


def test_a_choice_may_be_missing_where_its_default_follows_from_others() -> None:
    assert read(ChoiceField("On.", ("odds", "score")), None, None) == (None, [])
