import numpy as np

from dog.core.documents.section import Section
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.effect_context import EffectInput, EffectOutput, EventWindow
from dog.core.rulebook.limit import Limit

WINDOW = EventWindow("pitch", "pair", 7)


def test_options_with_as_many_events_as_allowed_are_excluded() -> None:
    output = EffectOutput.blank(3)
    given = EffectInput(Frame(3), {WINDOW: np.array([1, 2, 3])})
    Limit(event="pitch", by="pair", at_most=2, days=7).apply(5, np.array([True, True, False]), given, output)

    assert output.excluded_by.tolist() == [-1, 5, -1]


def test_a_limit_is_written_as_it_was_read() -> None:
    document = {"event": "win", "by": "category", "at_most": 3, "days": 30}

    assert Limit.read_effect(Section({"limit": document})).to_then() == {"limit": document}


def test_each_bad_key_is_named() -> None:
    section = Section({"limit": {"event": "sale", "by": "pair", "at_most": 0, "days": 400, "weeks": 1}})
    Limit.read_effect(section)

    assert {fault.pointer for fault in section.faults} == {
        "/limit/event",
        "/limit/at_most",
        "/limit/days",
        "/limit/weeks",
    }
