"""Figures of reports in the reader's language: numbers with all their digits, estimates with their intervals."""

import re

from babel.numbers import get_decimal_symbol, get_group_symbol

from dog.console.text_forms import TextForms, TextPart, TextValue
from dog.console.texts import N_, locale, percent

DIGITS = re.compile(r"\d+")


def _figure(text: str) -> str:
    signs: dict[str, str | int | None] = {
        ".": get_decimal_symbol(locale()),
        ",": get_group_symbol(locale()),
        "%": DIGITS.sub("", percent(0.1)),
    }
    return text.translate(str.maketrans(signs))


FIGURE = TextValue(r"[+\-−]?(?:\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]\d+)?|nan|inf)%?", _figure)
_OF_INTERVAL: dict[str, TextPart] = dict.fromkeys(("value", "low", "high", "week_low", "week_high"), FIGURE)
ESTIMATE = TextForms(
    N_("%(value)s [%(low)s, %(high)s; weeks %(week_low)s, %(week_high)s]"),
    N_("%(value)s [%(low)s, %(high)s]"),
    N_("%(value)s [weeks %(week_low)s, %(week_high)s]"),
    "%(value)s",
    **_OF_INTERVAL,
)
"""What `format_estimate` and `format_change` write."""
WEEKS = TextForms(N_("too few weeks"), N_("by weeks %(low)s to %(high)s"), **_OF_INTERVAL)
CHANGE = TextForms(
    "%(value)s (%(contacts)s, %(weeks)s)",
    contacts=TextForms(N_("too few contacts"), N_("95%% by contacts %(low)s to %(high)s"), **_OF_INTERVAL),
    weeks=WEEKS,
    value=FIGURE,
)
"""What `Estimate.span` writes."""
