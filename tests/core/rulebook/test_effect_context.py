import numpy as np

from dog.core.kernels.rank_by_rules import MULTIPLY, NO_EFFECT, RULE
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.effect_context import EffectTables


def test_a_rule_without_an_effect_on_options_does_nothing_to_them() -> None:
    tables = EffectTables(Frame(3), np.zeros(2, RULE))
    tables.set_effect(1, MULTIPLY, factor=2.0)

    assert tables.rules["kind"].tolist() == [NO_EFFECT, MULTIPLY]
    assert tables.rules["factor"].tolist() == [0.0, 2.0]


def test_each_cap_has_its_rule_its_number_of_options_and_its_groups() -> None:
    tables = EffectTables(Frame(2), np.zeros(2, RULE))
    tables.add_cap(1, 3, np.array([0, -1]))

    assert tables.caps == [(1, 3)]
    assert [groups.tolist() for groups in tables.groups] == [[0, -1]]
