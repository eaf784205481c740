from dataclasses import MISSING
from datetime import date
from typing import Any

import pytest

from dog.core.documents.fields import DayField, NumberField, TextsField, WholeField
from dog.core.documents.section import Section


def codes(section: Section) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in section.faults]


@pytest.mark.parametrize("value", [True, "1", float("nan"), float("inf"), -1])
def test_a_bad_number_is_a_fault_and_reading_goes_on_with_the_default(value: Any) -> None:
    section = Section({"weight": value}, "/models/cf")

    assert NumberField(at_least=0.0).read(section, "weight", 0.5) == 0.5
    assert [fault.pointer for fault in section.faults] == ["/models/cf/weight"]


def test_a_missing_whole_number_without_a_default_is_a_fault() -> None:
    section = Section({})
    WholeField(at_least=1, at_most=366).read(section, "days", MISSING)

    assert codes(section) == [("/days", "missing")]


def test_dates_may_be_toml_dates_or_texts() -> None:
    section = Section({"from": date(2026, 1, 2), "to": "2026-01-03", "on": "tomorrow"})

    assert [DayField().read(section, key, None) for key in ("from", "to", "on")] == [
        date(2026, 1, 2),
        date(2026, 1, 3),
        None,
    ]
    assert codes(section) == [("/on", "wrong_type")]


def test_texts_must_be_distinct() -> None:
    section = Section({"exclusive": ["a", "a"]})

    assert TextsField().read(section, "exclusive", ()) == ()
    assert codes(section) == [("/exclusive", "bad_list")]
