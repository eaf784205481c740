import numpy as np

from dog.core.rulebook.effect_context import EffectOutput


def test_the_first_rule_that_excludes_an_option_is_the_one_named() -> None:
    output = EffectOutput.blank(3)
    output.exclude(4, np.array([True, False, False]))
    output.exclude(2, np.array([True, True, False]))

    assert output.excluded_by.tolist() == [4, 2, -1]


def test_the_factors_of_the_rules_that_fired_multiply() -> None:
    output = EffectOutput.blank(2)
    output.factors.update({0: 2.0, 2: 0.25})

    assert output.factor(np.array([[True, True], [True, True], [False, True]])).tolist() == [2.0, 0.5]
