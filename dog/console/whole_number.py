"""Whole numbers of a form or an address."""

MOST_DIGITS = 15
"""Python refuses to read thousands of digits; no page needs more than these."""


def whole_number(text: str) -> int | None:
    """Return the number that a text is; None where it is not one, or has more than 15 digits.

    >>> whole_number("12"), whole_number("-1"), whole_number("1" * 16)
    (12, None, None)

    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
