import numpy as np

from dog.core.documents.section import Section
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.effect_context import EffectInput, EffectOutput
from dog.core.rulebook.pin import Pin


def test_a_pin_asks_for_its_rank_for_the_options_where_the_rule_fired() -> None:
    fired = np.array([False, True, True])
    output = EffectOutput.blank(3)
    Pin(2).apply(7, fired, EffectInput(Frame(3), {}), output)

    assert [(pin.rank, pin.rule) for pin in output.pins] == [(2, 7)]
    assert output.excluded_by.tolist() == [-1, -1, -1]


def test_ranks_start_at_one() -> None:
    section = Section({"pin": 0})
    Pin.read_effect(section)

    assert [fault.code for fault in section.faults] == ["out_of_range"]
