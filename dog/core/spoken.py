"""Numbers, days and product names as they read inside a sentence."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

YEAR_SHOWN_DAYS = 300
"""A day this long ago is shown with its year."""


def times(count: int) -> str:
    """Return how often: once, twice, 3 times."""
    return "once" if count == 1 else "twice" if count == 2 else f"{count:,} times"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: 1 lap, 1,200 laps."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def in_words(count: int) -> str:
    """Return a count as a word up to twelve: five, 13, 1,200."""
    return WORDS[count - 1] if 1 <= count <= len(WORDS) else f"{count:,}"


def duration(days: float) -> str:
    """Return about how long some days are.

    Examples
    --------
    >>> [duration(days) for days in (0.4, 3.2, 30, 200, 4375, 40_000)]
    ['less than a day', 'about 3 days', 'about 4 weeks', 'about 7 months', 'about 12 years', 'over 100 years']

    """
    if days < 0.75:
        return "less than a day"
    if days >= 36_525:
        return "over 100 years"
    units = (("year", 365.25, 700), ("month", 30.44, 100), ("week", 7, 14))
    unit, length = next(((unit, length) for unit, length, least in units if days >= least), ("day", 1.0))
    return f"about {counted(round(days / length), unit)}"


@lru_cache(maxsize=4096)  # many items have the same few days
def day_and_month(day: date, today: date) -> str:
    """Return a day as 11 Nov, with its year where it is long ago or yet to come.

    Examples
    --------
    >>> day_and_month(date(2026, 11, 11), date(2026, 11, 20)), day_and_month(date(2025, 11, 11), date(2026, 11, 20))
    ('11 Nov', '11 Nov 2025')

    """
    return f"{day.day} {MONTHS[day.month - 1]}" + (
        f" {day.year}" if not 0 <= (today - day).days < YEAR_SHOWN_DAYS else ""
    )


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def percent(share: float) -> str:
    """Return a share between 0 and 1 as whole percents, with a decimal below 1 %.

    Examples
    --------
    >>> [percent(share) for share in (0.25, 0.084, 0.0042, 0.0, 0.999, 1.0)]
    ['25 %', '8 %', '0.4 %', 'under 0.1 %', 'over 99 %', 'over 99 %']

    """
    if share < 0.0005:
        return "under 0.1 %"
    if share >= 0.995:
        return "over 99 %"
    return f"{100 * share:.1f} %" if share < 0.0095 else f"{100 * share:.0f} %"


def as_told(share: float) -> float:
    """Return a share between 0 and 1 as exact as `percent` tells it, so that few differ.

    Examples
    --------
    >>> [as_told(share) for share in (0.2519, 0.00423, 0.0001, 0.9999)]
    [0.25, 0.004, 0.0, 1.0]

    """
    if share < 0.0005:
        return 0.0
    if share >= 0.995:
        return 1.0
    return round(100 * share, 1 if share < 0.0095 else None) / 100


def spoken_names(names: Sequence[str]) -> list[str]:
    """Return product names as they read inside a sentence.

    A name all in capitals becomes lower case; one with a capital at its start alone does where the whole catalogue is
    written like that ("Soft drinks", "Cold cereal"), so that brands and titles stay as they are.

    Examples
    --------
    >>> spoken_names(["SOFT DRINKS", "TV 55", "Nutella", "Green Tea"])
    ['soft drinks', 'TV 55', 'Nutella', 'Green Tea']
    >>> spoken_names(["Soft drinks", "Cold cereal", "Baby foods", "Eggs", "BBQ sauce"])
    ['soft drinks', 'cold cereal', 'baby foods', 'eggs', 'BBQ sauce']

    """
    long = [name for name in names if " " in name.strip()]
    plain = 4 * sum(_is_sentence(name) for name in long) >= 3 * len(long) > 0
    return [
        name.lower() if _shouts(name) else name[0].lower() + name[1:] if plain and _is_sentence(name) else name
        for name in names
    ]


def _is_sentence(name: str) -> bool:
    """Return whether only the first letter is a capital."""
    return name[:1].isupper() and name[1:] == name[1:].lower()


def _shouts(name: str) -> bool:
    """Return whether a name is words in capitals, not an abbreviation or a type number."""
    return name.isupper() and not any(map(str.isdigit, name)) and max(map(len, name.split())) > 3
