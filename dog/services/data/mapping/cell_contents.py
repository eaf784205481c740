"""What the values of a column are: times, numbers, outcomes of deals, ids."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from dog.services.data.mapping.cell_numbers import read_decimal
from dog.services.data.mapping.cell_times import DAY_FIRST, ISO_DAY, MONTH_FIRST, read_written_time
from dog.services.data.mapping.match_columns import fold_name
from dog.services.feedback.parse_event import RFC3339

MOST = 0.9
"""Share of the values that must be of one content: files have gaps and mistakes."""
MAX_WORDS = 40
"""Distinct values of a column of stages; a column with more is free text."""

OUTCOMES: Mapping[str, Sequence[str]] = {
    "win": (
        *("win", "won", "closed won", "deal won", "sold", "purchased", "bought", "ordered", "converted", "signed"),
        *("gewonnen", "verkauft", "gekauft", "abschluss", "auftrag erteilt", "gagné", "ganado", "vinto"),
    ),
    "loss": (
        *("loss", "lost", "closed lost", "deal lost", "not sold", "no sale", "declined", "rejected", "refused"),
        *("verloren", "abgelehnt", "absage", "abgesagt", "kein kauf", "perdu", "perdido", "perso"),
    ),
    "pitch": (
        *("pitch", "pitched", "presented", "offered", "offer sent", "proposal", "proposal sent", "quote sent"),
        *("quoted", "angebot", "angeboten", "angebot gesendet", "vorgestellt", "präsentiert"),
    ),
    "accept": ("accept", "accepted", "angenommen"),
    "discard": ("discard", "discarded", "verworfen"),
}
"""What sales teams call the types of feedback."""
TYPE_OF_WORD = {fold_name(word): kind for kind, words in OUTCOMES.items() for word in words}


def are_times(values: Sequence[Any]) -> bool:
    """Return whether the values of a column are times.

    Examples
    --------
    >>> are_times(["20.11.2026", "1.12.2026"]), are_times([20, 21])
    (True, False)

    """
    return _most(values, _is_time)


def are_numbers(values: Sequence[Any]) -> bool:
    """Return whether the values of a column are numbers.

    Examples
    --------
    >>> are_numbers(["1,5", "2"]), are_numbers(["K-17"])
    (True, False)

    """
    return _most(values, _is_number)


def are_ids(values: Sequence[Any]) -> bool:
    """Return whether the values of a column are short, and each is another."""
    return bool(values) and len({*map(str, values)}) == len(values) and all(len(str(value)) <= 64 for value in values)


def types_of_words(values: Sequence[Any]) -> dict[str, str | None]:
    """Return the type of feedback that each word of a column of stages stands for, None where that is not known.

    Empty where the column has no outcome, or too many words.

    Examples
    --------
    >>> types_of_words(["Closed Won", "Lost", "Lead"])
    {'Closed Won': 'win', 'Lost': 'loss', 'Lead': None}

    """
    words = dict.fromkeys(str(value).strip() for value in values)
    found = {word: TYPE_OF_WORD.get(fold_name(word)) for word in words}
    return found if len(words) <= MAX_WORDS and {"win", "loss"}.intersection(filter(None, found.values())) else {}


def _most(values: Sequence[Any], is_one: Callable[[Any], bool]) -> bool:
    return bool(values) and sum(map(is_one, values)) >= MOST * len(values)


def _is_time(value: Any) -> bool:
    if isinstance(value, date):
        return True
    if not isinstance(value, str):
        return False
    text = value.strip()
    return bool(RFC3339.fullmatch(text) or ISO_DAY.fullmatch(text)) or any(
        read_written_time(text, order) for order in (DAY_FIRST, MONTH_FIRST)
    )


def _is_number(value: Any) -> bool:
    if isinstance(value, int | float):
        return not isinstance(value, bool)
    return isinstance(value, str) and any(read_decimal(value, sign) for sign in ".,")
