from dog.core.documents.section import Section
from dog.core.rulebook.columns import Frame, encode
from dog.core.rulebook.exclusive import Exclusive
from tests.core.rulebook.applied_rules import applied_effect


def test_the_named_products_are_one_group_capped_at_one() -> None:
    frame = Frame(3, {"product.id": encode(["p1", "p2", "p3"])})
    cap = applied_effect(Exclusive(("p1", "p3")), frame, [True] * 3).outcomes.caps[0]

    assert cap.groups.tolist() == [0, -1, 0]
    assert cap.at_most == 1


def test_one_product_excludes_nothing_and_is_a_fault() -> None:
    section = Section({"exclusive": ["p1"]})
    Exclusive.read_effect(section)

    assert [fault.code for fault in section.faults] == ["bad_list"]
