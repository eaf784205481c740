import numpy as np

from dog.core.documents.section import Section
from dog.core.rulebook.columns import Frame, encode
from dog.core.rulebook.effect_context import EffectInput, EffectOutput
from dog.core.rulebook.exclusive import Exclusive


def test_the_named_products_are_one_group_capped_at_one() -> None:
    output = EffectOutput.blank(3)
    frame = Frame(3, {"product.id": encode(["p1", "p2", "p3"])})
    Exclusive(("p1", "p3")).apply(0, np.array([True] * 3), EffectInput(frame, {}), output)

    assert output.caps[0].groups.tolist() == [0, -1, 0]
    assert output.caps[0].at_most == 1


def test_one_product_excludes_nothing_and_is_a_fault() -> None:
    section = Section({"exclusive": ["p1"]})
    Exclusive.read_effect(section)

    assert [fault.code for fault in section.faults] == ["bad_list"]
