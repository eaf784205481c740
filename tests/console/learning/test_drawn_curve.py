"""What a form draws: the chart that applies, warnings in words, what the next recompute moves."""

from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.learning.conftest import Analyst
from tests.console.learning.test_curves_page import form_of


def test_a_form_is_drawn_with_what_the_next_recompute_moves(counted: Store, analyst: Analyst, runtime: Runtime) -> None:
    by_rate = analyst.see("/learning/drawn", **form_of(runtime, neutral="global", reading="literal", n="2", k="2"))
    flat = analyst.see("/learning/drawn", **form_of(runtime, a_max="1", d_min="1"))

    assert "more wins count for less. After 2 fades." in by_rate
    assert "Examples" not in by_rate
    assert "More wins never count for less." in flat
    assert "of 18 multipliers" in flat
