"""Texts that the service writes, in the reader's language.

The service writes English only: in stored lists, in errors of the API and of commands. A form is such a text with
`%(name)s` in the place of each value; the catalogue translates it like any other text of the console. So a text is
found by its form, and a stored list has the same sentences in every language.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from babel.dates import format_skeleton

from dog.console.texts import _, language, locale, minute, number, percent
from dog.core.spoken import MONTHS, WORDS

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
ANY_YEAR = 2000
"""A leap year, for days without one."""


class TextValue(NamedTuple):
    """A value in a text: how it looks, as a pattern, and what writes it for the reader."""

    looks: str
    write: Callable[[str], str] = str


def _number(text: str) -> str:
    return number(float(text.replace(",", "")))


def _decimal(text: str) -> str:
    return number(float(text), "#,##0.######")


def _count(text: str) -> str:
    return number(WORDS.index(text.lower()) + 1) if text.isalpha() else _number(text)


def _share(text: str) -> str:
    return percent(float(text.removesuffix(" %")) / 100, "#,##0.# %")


def _day(text: str) -> str:
    of_month, month, *year = text.split()
    at = date(int(year[0]) if year else ANY_YEAR, MONTHS.index(month) + 1, int(of_month))
    return format_skeleton("yMMMd" if year else "MMMd", at, locale=locale())


def _time(text: str) -> str:
    return minute(int(datetime.fromisoformat(text).timestamp() * 1000))


NAME = TextValue(r".{1,40}?")
VALUES = {
    "n": TextValue(r"[\d,]+", _number),
    "of": TextValue(r"[\d,]+", _number),
    "count": TextValue(rf"[\d,]+|{'|'.join(map(str.capitalize, WORDS))}", _count),
    "share": TextValue(r"[\d.]+ %", _share),
    "day": TextValue(rf"\d+ (?:{'|'.join(MONTHS)})(?: \d+)?", _day),
    "time": TextValue(r"\d{4}-\d\d-\d\dT[\d:]+Z", _time),
    "decimal": TextValue(r"[\d.e+-]+", _decimal),
    "id": TextValue(r"\S+"),
    "words": TextValue(r".+?"),
}
"""Values by the name of their placeholder; any other one that is not a part holds a name of at most 40 letters."""


class TextForms:
    """Forms of texts; where several fit, the first counts. `parts` are texts inside them, by their placeholders."""

    def __init__(self, *forms: str, **parts: "TextPart") -> None:
        self._parts: Mapping[str, TextPart] = {**VALUES, **parts}
        self._forms, self._by_group, group = forms, {}, 1
        for form in forms:
            names = PLACEHOLDER.findall(form)
            self._by_group[group] = form, names
            group += 1 + len(names)
        self.looks = "|".join(self._pattern(form, "(?:") for form in forms)

    @cached_property
    def _text(self) -> re.Pattern[str]:
        return re.compile("|".join(f"({self._pattern(form, '(')})" for form in self._forms))

    @cached_property
    def _sentence(self) -> re.Pattern[str]:
        return re.compile(rf"(?:^|(?<=\. ))(?:{self._text.pattern})(?!\S)")

    def write(self, text: str) -> str:
        """Return a text in the reader's language; unchanged where no form fits."""
        found = None if language() == "en" else self._text.fullmatch(text)
        return self._write(found) if found else text

    def write_sentences(self, text: str) -> str:
        """Return sentences in the reader's language; those that have no form stay."""
        return text if language() == "en" else self._sentence.sub(self._write_sentence, text)

    def _pattern(self, form: str, opening: str) -> str:
        """Return the pattern of a form, each value in parentheses."""
        pieces = PLACEHOLDER.split(form)
        values = [f"{opening}{self._parts.get(name, NAME).looks})" for name in pieces[1::2]]
        texts = (re.escape(piece.replace("%%", "%") if values else piece) for piece in pieces[::2])
        return "".join(piece for pair in zip(texts, [*values, ""], strict=True) for piece in pair)

    def _write_sentence(self, found: re.Match[str]) -> str:
        written = self._write(found)
        return written[:1].upper() + written[1:]

    def _write(self, found: re.Match[str]) -> str:
        group = found.lastindex or 1  # that of the form: groups inside it end earlier
        form, names = self._by_group[group]
        given = zip(names, found.groups()[group:], strict=False)
        try:
            return _(form, **{name: self._parts.get(name, NAME).write(text) for name, text in given})
        except (ArithmeticError, ValueError):  # the reason of a rule may look like a sentence with a number or day
            return found[0]


TextPart = TextValue | TextForms
