"""Ids of Salesforce: 15 characters where case counts, or the same with a checksum of three: both name one record."""

import re
from typing import Any

SHORT = re.compile(r"[A-Za-z0-9]{15}", re.ASCII)
CHECK_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(text: str) -> str:
    """Return an id of 15 characters with its checksum: one character for the capitals among each five.

    Examples
    --------
    >>> long_id("001M000000qfPyS"), long_id("a0RE000000IJmcN")
    ('001M000000qfPySIAU', 'a0RE000000IJmcNMAT')

    """
    fives = (text[start : start + 5] for start in (0, 5, 10))
    capitals = (sum(1 << place for place, character in enumerate(five) if character.isupper()) for five in fives)
    return text + "".join(CHECK_CHARACTERS[number] for number in capitals)


class SalesforceIdReader:
    """Reads the ids of one column in their long form."""

    def __init__(self, column: str) -> None:
        self.column = column

    def __call__(self, value: Any) -> Any:
        """Return the id; what has not 15 letters and digits stays as it is."""
        text = value.strip() if isinstance(value, str) else ""
        return long_id(text) if SHORT.fullmatch(text) else value

    def __str__(self) -> str:
        """Return what a summary says of it: nothing."""
        return ""
