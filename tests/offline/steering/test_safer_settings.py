"""The order of settings by safety: explicit, partial, and never turned round."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.offline.steering.safer_settings import is_safer, safer_alternatives

EXPECTED = Reinforcement(neutral="expected")
SHARE = st.sampled_from([0.0, 0.3, 0.5, 1.0])
SETTINGS = st.builds(
    Reinforcement,
    neutral=st.sampled_from(["expected", "global"]),
    a_max=st.sampled_from([1.0, 1.5, 3.0, 5.0]),
    d_min=st.sampled_from([1.0, 0.7, 0.3, 0.1]),
    trust=st.one_of(st.just("learned"), SHARE, st.tuples(SHARE, SHARE)),
    explore=st.sampled_from([0.0, 0.5, 1.0]),
)


@given(SETTINGS, SETTINGS, SETTINGS)
def test_safer_is_a_strict_partial_order(one: Reinforcement, two: Reinforcement, three: Reinforcement) -> None:
    assert not is_safer(one, one)
    assert not (is_safer(one, two) and is_safer(two, one))
    if is_safer(one, two) and is_safer(two, three):
        assert is_safer(one, three)


@given(SETTINGS)
def test_every_alternative_is_safer_and_changes_nothing_but_the_reach(settings: Reinforcement) -> None:
    for changed in safer_alternatives(settings).values():
        assert is_safer(changed, settings)
        assert changed.a_max <= settings.a_max
        assert changed.d_min >= settings.d_min
        assert changed.explore <= settings.explore
        assert changed.neutral == settings.neutral


@pytest.mark.parametrize(
    ("change", "safer"),
    [
        ({"a_max": 2.0}, True),
        ({"a_max": 4.0}, False),
        ({"d_min": 0.5}, True),
        ({"d_min": 0.2}, False),
        ({"trust": 0.0}, True),
        ({"trust": 0.3}, False),  # what is learned may be less
        ({"trust": (0.0, 0.0)}, True),
        ({"explore": 0.0}, True),
        ({"explore": 2.0}, False),
        ({"a_max": 2.0, "explore": 2.0}, False),
        ({"a_max": 2.0, "max_step": 2.0}, False),
        ({"absorb": 0.0}, False),
        ({}, False),
    ],
)
def test_what_makes_the_default_safer(change: dict[str, object], safer: bool) -> None:
    assert is_safer(replace(EXPECTED, **change), EXPECTED) is safer  # type: ignore[arg-type]


def test_trust_that_is_learned_is_safer_only_than_full_trust() -> None:
    assert is_safer(EXPECTED, replace(EXPECTED, trust=1.0))
    assert not is_safer(EXPECTED, replace(EXPECTED, trust=0.5))
    assert is_safer(replace(EXPECTED, trust=(0.5, 0.0)), replace(EXPECTED, trust=0.5))


def test_a_multiplier_that_is_off_has_nothing_safer_to_try_but_less_trust() -> None:
    off = replace(EXPECTED, a_max=1.0, d_min=1.0, trust=0.0)

    assert safer_alternatives(off) == {}
    assert set(safer_alternatives(replace(off, trust=(0.2, 0.0)))) == {"trust = 0", "trust = [0, 0]"}
