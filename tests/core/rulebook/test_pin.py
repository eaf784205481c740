from dog.core.documents.section import Section
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.pin import Pin
from tests.core.rulebook.applied_rules import applied_effect


def test_a_pin_keeps_its_rank_for_the_options_for_which_the_rule_holds() -> None:
    done = applied_effect(Pin(2), Frame(3), [False, True, True])

    assert [(pin.rank, pin.rule, pin.matches.tolist()) for pin in done.outcomes.pins] == [(2, 0, [False, True, True])]
    assert done.excluded == [False, False, False]


def test_ranks_start_at_one() -> None:
    section = Section({"pin": 0})
    Pin.read_effect(section)

    assert [fault.code for fault in section.faults] == ["out_of_range"]
