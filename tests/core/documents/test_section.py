from datetime import date
from typing import Any

import pytest

from dog.core.documents.section import MAX_FAULTS, Section, escape


def codes(section: Section) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in section.faults]


def test_a_pointer_escapes_slash_and_tilde() -> None:
    assert escape("a/b~c") == "a~1b~0c"


@pytest.mark.parametrize("value", [True, "1", float("nan"), float("inf"), -1])
def test_a_bad_number_is_a_fault_and_reading_goes_on_with_the_default(value: Any) -> None:
    section = Section({"weight": value}, "/models/cf")

    assert section.number("weight", 0.5, at_least=0.0) == 0.5
    assert [fault.pointer for fault in section.faults] == ["/models/cf/weight"]


def test_a_missing_whole_number_without_a_default_is_a_fault() -> None:
    section = Section({})
    section.whole("days", at_least=1, at_most=366)

    assert codes(section) == [("/days", "missing")]


def test_dates_may_be_toml_dates_or_texts() -> None:
    section = Section({"from": date(2026, 1, 2), "to": "2026-01-03", "on": "tomorrow"})

    assert [section.day("from"), section.day("to"), section.day("on")] == [date(2026, 1, 2), date(2026, 1, 3), None]
    assert codes(section) == [("/on", "wrong_type")]


def test_texts_must_be_distinct() -> None:
    section = Section({"exclusive": ["a", "a"]})

    assert section.texts("exclusive") == ()
    assert codes(section) == [("/exclusive", "bad_list")]


def test_faults_of_inner_tables_are_gathered_with_their_place() -> None:
    section = Section({"rules": [{}, {"id": 3}]})
    for inner in section.sections("rules", at_most=5):
        inner.text("id")

    assert codes(section) == [("/rules/0/id", "missing"), ("/rules/1/id", "wrong_type")]


def test_unknown_keys_are_reported_up_to_a_hundred() -> None:
    section = Section({f"key{number}": 1 for number in range(MAX_FAULTS + 50)})
    section.close()

    assert len(section.faults) == MAX_FAULTS
