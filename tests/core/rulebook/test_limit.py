import numpy as np

from dog.core.documents.section import Section
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.effect_context import EventWindow
from dog.core.rulebook.limit import Limit
from tests.core.rulebook.applied_rules import applied_effect

WINDOW = EventWindow("pitch", "pair", 7)


def test_options_with_as_many_events_as_allowed_are_excluded() -> None:
    limit = Limit(event="pitch", by="pair", at_most=2, days=7)
    done = applied_effect(limit, Frame(3), [True, True, False], {WINDOW: np.array([1, 2, 3])})

    assert done.excluded == [False, True, False]


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
