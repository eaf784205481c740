from dog.core.documents.section import Section
from dog.core.rulebook.exclude import Exclude


def test_true_is_the_only_value_that_excludes() -> None:
    section = Section({"exclude": False})
    Exclude.read_effect(section)

    assert [(fault.pointer, fault.code) for fault in section.faults] == [("/exclude", "unknown_value")]
    assert Exclude.read_effect(Section({"exclude": True})).to_then() == {"exclude": True}
