import pytest

from dog.core.documents.section import Section
from dog.core.rulebook.multiply import Multiply


@pytest.mark.parametrize("factor", [0, -1, 101, True, "2"])
def test_a_factor_that_is_no_number_above_zero_and_at_most_a_hundred_is_a_fault(factor: object) -> None:
    section = Section({"multiply": factor})
    Multiply.read_effect(section)

    assert [fault.pointer for fault in section.faults] == ["/multiply"]


def test_the_document_is_the_factor() -> None:
    assert Multiply.read_effect(Section({"multiply": 1.2})).to_then() == {"multiply": 1.2}
