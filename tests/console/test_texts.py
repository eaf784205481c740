"""Texts, numbers and days as the reader's language writes them; catalogues have exactly the texts of the code."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from dog.api.app import create_app
from dog.console.mount import mount_console
from dog.console.texts import LANGUAGES, LOCALES, _, day, minute, ngettext, number, percent
from dog.services.runtime import Runtime

Forms = tuple[str, ...]
"""The singular and plural of a text; one form where it counts nothing."""
CONSOLE = LOCALES.parent
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def test_english_is_written_with_days_before_months(runtime: Runtime) -> None:
    app = Flask("console")
    app.extensions["dog"] = runtime
    year = runtime.today().year
    with app.test_request_context(headers={"Accept-Language": "fr, en;q=0.5"}):
        shown = [
            day(date(year, 12, 3)),
            day(date(year + 1, 3, 12)),
            day(date(year - 1, 1, 12)),
            number(12345.678),
            percent(0.25),
        ]
        texts = [
            _("a %(name)s", name="b"),
            ngettext("%(n)s day", "%(n)s days", 1),
            ngettext("%(n)s day", "%(n)s days", 1200),
        ]

    assert shown == ["3 Dec", "12 Mar", f"12 Jan {year - 1}", "12,345.68", "25 %"]
    assert texts == ["a b", "1 day", "1,200 days"]


def test_german_is_written_with_german_words_numbers_and_days(runtime: Runtime) -> None:
    app = Flask("console")
    app.extensions["dog"] = runtime
    with app.test_request_context(headers={"Accept-Language": "de-AT, de;q=0.9, en;q=0.8"}):
        shown = [day(date(runtime.today().year, 12, 3)), number(12345.678), minute(runtime.clock())]
        texts = [_("Segment %(name)s", name="b"), ngettext("%(n)s day", "%(n)s days", 1200), _("Discard")]

    assert shown == ["3. Dez.", "12.345,68", "20. Nov., 12:00"]
    assert texts == ["Segment b", "1.200 Tage", "Verwerfen"]


def test_a_page_is_in_the_language_of_the_browser(runtime: Runtime) -> None:
    client = mount_console(create_app(runtime), runtime).test_client()

    german, french = (client.get("/console/log-in", headers={"Accept-Language": name}).text for name in ("de", "fr"))

    assert '<html lang="de"' in german
    assert ">Anmelden</button>" in german
    assert '<html lang="en"' in french


def test_a_time_is_written_in_the_zone_of_the_service(runtime: Runtime) -> None:
    app = Flask("console")
    app.extensions["dog"] = runtime
    with app.test_request_context():
        assert minute(runtime.clock()) == "20 Nov, 12:00"
        assert minute(None) == ""


@pytest.mark.parametrize("name", LANGUAGES[1:])
def test_a_catalogue_has_each_text_of_the_code_and_no_other(name: str) -> None:
    """Where it fails: `make texts`, then translate what is empty."""
    known, used = {forms for forms, _own in read_catalogue(name)}, texts_of_the_code()

    assert sorted(used - known) == []
    assert sorted(known - used) == []


@pytest.mark.parametrize("name", LANGUAGES[1:])
def test_each_text_is_translated_with_the_same_placeholders(name: str) -> None:
    wrong = [
        (text, own)
        for forms, translated in read_catalogue(name)
        for text, own in zip(forms, translated, strict=True)
        if not own or sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(own))
    ]

    assert wrong == []


def texts_of_the_code() -> set[Forms]:
    """Return the texts in code and templates, as `make texts` finds them."""
    mappings = tomllib.loads((CONSOLE.parent.parent / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    options = {mapping["pattern"]: mapping for mapping in mappings}
    catalogue = Catalog()
    for _file, _line, text, _comments, _context in extract_from_dir(CONSOLE, methods, options):
        catalogue.add(text)
    return {forms for forms, _own in _texts(catalogue)}


def read_catalogue(name: str) -> list[tuple[Forms, Forms]]:
    """Read the texts of a language, each with its translation."""
    with (LOCALES / f"{name}.po").open("rb") as file:
        return list(_texts(read_po(file, locale=name)))


def _texts(catalogue: Catalog) -> Iterator[tuple[Forms, Forms]]:
    return ((_forms(found.id), _forms(found.string)) for found in catalogue if found.id)


def _forms(text: str | Sequence[str] | None) -> Forms:
    return (text,) if isinstance(text, str) else tuple(text or ())
