"""Figures keep their digits and get the signs of the language."""

import pytest

from dog.console.runs.figure_forms import CHANGE, ESTIMATE
from dog.console.text_forms import TextForms

pytestmark = pytest.mark.usefixtures("german")


@pytest.mark.parametrize(
    ("forms", "text", "told"),
    [
        (ESTIMATE, "0.710 [0.700, 0.720; weeks 0.690, 0.730]", "0,710 [0,700; 0,720; Wochen 0,690; 0,730]"),
        (ESTIMATE, "+0.50 [weeks -0.10, +1.00]", "+0,50 [Wochen -0,10; +1,00]"),
        (ESTIMATE, "1,234.50", "1.234,50"),
        (ESTIMATE, "12.5%", "12,5 %"),
        (ESTIMATE, "840, 208", "840, 208"),
        (CHANGE, "+0.1 (too few contacts, too few weeks)", "+0,1 (zu wenige Kontakte, zu wenige Wochen)"),
        (
            CHANGE,
            "+0.1 (95% by contacts -0.1 to +0.2, by weeks -0.3 to +0.4)",
            "+0,1 (95 % über Kontakte -0,1 bis +0,2, über Wochen -0,3 bis +0,4)",
        ),
    ],
)
def test_a_figure_with_its_intervals_is_german(forms: TextForms, text: str, told: str) -> None:
    assert forms.write(text) == told
