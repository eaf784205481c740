from dog.core.documents.section import Section
from dog.core.rulebook.cap import Cap
from dog.core.rulebook.columns import Frame, encode
from tests.core.rulebook.applied_rules import applied_effect

FRAME = Frame(4, {"product.category": encode(["fax", "ink", "fax", None]), "product.value": encode([1, 1, 2, None])})


def groups_of(by: str, fired: list[bool]) -> list[int]:
    cap = applied_effect(Cap(by, 2), FRAME, fired).outcomes.caps[0]
    return [int(group) for group in cap.groups]


def test_options_with_one_value_are_a_group_and_options_without_a_value_are_in_none() -> None:
    first, second, third, fourth = groups_of("product.category", [True] * 4)

    assert first == third != second
    assert fourth == -1


def test_options_for_which_the_rule_does_not_hold_are_in_no_group() -> None:
    assert groups_of("product.category", [False, True, True, True])[0] == -1


def test_numbers_group_as_texts_do() -> None:
    first, second, third, fourth = groups_of("product.value", [True] * 4)

    assert first == second != third
    assert fourth == -1


def test_only_columns_of_the_product_can_be_capped() -> None:
    section = Section({"cap": {"by": "contact.segment", "at_most": 2}})
    Cap.read_effect(section)

    assert [(fault.pointer, fault.code) for fault in section.faults] == [("/cap/by", "unknown_column")]
