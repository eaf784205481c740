from dataclasses import MISSING

from dog.core.documents.section import Section
from dog.core.rulebook.effect_kinds import EFFECTS, EffectField
from dog.core.rulebook.multiply import Multiply

EFFECT = EffectField()


def test_a_rule_has_exactly_one_effect() -> None:
    section = Section({"then": {"multiply": 2.0, "pin": 1}})
    EFFECT.read(section, "then", MISSING)

    assert [(fault.pointer, fault.code) for fault in section.faults] == [("/then", "missing")]


def test_a_misspelt_effect_is_answered_with_the_nearest() -> None:
    section = Section({"then": {"mulitply": 2.0}})
    EFFECT.read(section, "then", MISSING)

    assert section.faults[0].code == "unknown_effect"
    assert "did you mean multiply?" in section.faults[0].message


def test_an_effect_is_read_by_its_class() -> None:
    assert isinstance(EFFECT.read(Section({"then": {"multiply": 2.0}}), "then", MISSING), Multiply)
    assert all(effect.kind == kind for kind, effect in EFFECTS.items())
