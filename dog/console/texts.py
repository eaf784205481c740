"""The console's texts in the reader's language: one catalogue a language, `locales/<language>.po`.

The texts in code and templates are English; a language is added by its file alone.
"""

from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, has_request_context, request

from dog.console.session import runtime
from dog.core.spoken import YEAR_SHOWN_DAYS

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = ("en", *sorted(path.stem for path in LOCALES.glob("*.po")))


def language() -> str:
    """Return the language of this request, by its header Accept-Language."""
    return request.accept_languages.best_match(LANGUAGES, "en") if has_request_context() else "en"


@lru_cache(maxsize=16)
def read_translations(name: str) -> Translations:
    """Read the catalogue of a language; an empty one for English."""
    path = LOCALES / f"{name}.po"
    if not path.is_file():
        return Translations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=name))
    compiled.seek(0)
    return Translations(compiled)


def _(text: str, **values: object) -> str:
    """Return a text in the reader's language, with values at its `%(name)s`."""
    found = read_translations(language()).ugettext(text)
    return found % values if values else found


def N_(text: str) -> str:  # noqa: N802  # the name by which gettext's tools find it
    """Mark a text for the catalogue that is translated later, where it is shown."""
    return text


def ngettext(one: str, several: str, count: int, **values: object) -> str:
    """Return one of two texts by a count, which is the value `n`, written as a number, in addition to `values`."""
    found = read_translations(language()).ungettext(one, several, count)
    return found % ({"n": number(count)} | values)


def locale() -> Locale:
    """Return the locale of this request, for numbers and days."""
    return _locale("en_GB" if language() == "en" else language())  # days before months, as in the texts


_locale = lru_cache(maxsize=16)(Locale.parse)


def number(value: float, pattern: str = "#,##0.##") -> str:
    """Write a number: 1,234.5 or 1.234,5."""
    return numbers.format_decimal(value, format=pattern, locale=locale())


def percent(share: float, pattern: str = "#,##0 %") -> str:
    """Write a share between 0 and 1 as per cent."""
    return numbers.format_percent(share, format=pattern, locale=locale())


def day(value: date | int) -> str:
    """Write a day, or the day of a time in milliseconds, with its year where it is far away."""
    at = value if isinstance(value, date) else moment(value).date()
    skeleton = "MMMd" if abs((at - runtime().today()).days) < YEAR_SHOWN_DAYS else "yMMMd"
    return dates.format_skeleton(skeleton, at, locale=locale())


def minute(at_ms: int | None) -> str:
    """Write a time, in milliseconds since 1970, to the minute in the service's time zone; empty for None."""
    return "" if at_ms is None else f"{day(at_ms)}, {dates.format_time(moment(at_ms), 'short', locale=locale())}"


def moment(at_ms: int) -> datetime:
    """Return a time, in milliseconds since 1970, in the service's time zone."""
    return datetime.fromtimestamp(at_ms / 1000, runtime().settings.zone)


def register_texts(app: Flask) -> None:
    """Give the templates `_`, `ngettext` and the filters for numbers and days."""
    app.jinja_env.globals |= {"_": _, "ngettext": ngettext, "language": language}
    app.jinja_env.filters |= {"number": number, "percent": percent, "day": day, "minute": minute}
