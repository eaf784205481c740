"""Texts, numbers and days as the reader's language writes them."""

from datetime import date

from flask import Flask

from dog.console.texts import _, day, minute, ngettext, number, percent
from dog.services.runtime import Runtime


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


def test_a_time_is_written_in_the_zone_of_the_service(runtime: Runtime) -> None:
    app = Flask("console")
    app.extensions["dog"] = runtime
    with app.test_request_context():
        assert minute(runtime.clock()) == "20 Nov, 12:00"
        assert minute(None) == ""
