from dataclasses import MISSING

from dog.core.documents.fields import TextField
from dog.core.documents.section import MAX_FAULTS, Section, escape


def codes(section: Section) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in section.faults]


def test_a_pointer_escapes_slash_and_tilde() -> None:
    assert escape("a/b~c") == "a~1b~0c"


def test_faults_of_inner_tables_are_gathered_with_their_place() -> None:
    section = Section({"rules": [{}, {"id": 3}]})
    for inner in section.sections("rules", at_most=5):
        TextField().read(inner, "id", MISSING)

    assert codes(section) == [("/rules/0/id", "missing"), ("/rules/1/id", "wrong_type")]


def test_unknown_keys_are_reported_up_to_a_hundred() -> None:
    section = Section({f"key{number}": 1 for number in range(MAX_FAULTS + 50)})
    section.close()

    assert len(section.faults) == MAX_FAULTS
