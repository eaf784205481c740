"""Dates as people and Excel write them: the order found by content, never guessed."""

from datetime import UTC, date, datetime

import pytest

from dog.errors import InvalidInput
from dog.services.data.mapping.cell_times import (
    TimeEvidence,
    TimeReader,
    parse_time_format,
    read_serial,
    read_written_time,
)


@pytest.mark.parametrize(
    ("text", "order", "read"),
    [
        ("20.11.2026", "dmy", "2026-11-20T00:00:00"),
        ("1.2.2026 9:05", "dmy", "2026-02-01T09:05:00"),
        ("1/2/2026", "mdy", "2026-01-02T00:00:00"),
        ("11/20/2026, 12:30:15 AM", "mdy", "2026-11-20T00:30:15"),
        ("11/20/2026 12:30 pm", "mdy", "2026-11-20T12:30:00"),
        ("20-11-2026 10:00 +01:00", "dmy", "2026-11-20T10:00:00+01:00"),
        ("2026/11/20", None, "2026-11-20T00:00:00"),
        ("2026-11-20", None, "2026-11-20T00:00:00"),
        ("20.11.26", "dmy", "2026-11-20T00:00:00"),
        ("20/11/26", "dmy", None),
        ("31.02.2026", "dmy", None),
        ("11/20/2026 13:00 PM", "mdy", None),
        ("20/11-2026", "dmy", None),
        ("soon", "dmy", None),
    ],
)
def test_a_time_has_one_meaning_by_its_order(text: str, order: str | None, read: str | None) -> None:
    assert read_written_time(text, order) == read


def test_serial_numbers_are_those_of_excel() -> None:
    assert read_serial(46346.4166666667) == "2026-11-20T10:00:00"
    assert (read_serial(0), read_serial(3e6)) == (None, None)


def evidence(*values: object, serials: bool = False, takes_days: bool = False, is_whole: bool = True) -> TimeEvidence:
    found = TimeEvidence("occurred_at", takes_days=takes_days, takes_times=False, serials=serials, is_whole=is_whole)
    for line, value in enumerate(values, 2):
        found.add(line, value)
    return found


def reader(*values: object, serials: bool = False) -> TimeReader:
    found = evidence(*values, serials=serials).reader(None)
    assert found is not None
    return found


@pytest.mark.parametrize("values", [("2026-11-20T10:00:00Z",), ("2026-11-20 10:00",), ("soon",), ()])
def test_times_of_the_contract_need_no_reading(values: tuple[str, ...]) -> None:
    assert evidence(*values).reader(None) is None


def test_a_day_needs_reading_only_where_a_time_is_required() -> None:
    assert evidence("2026-11-20", takes_days=True).reader(None) is None
    assert reader("2026-11-20")("2026-11-20") == "2026-11-20T00:00:00"


@pytest.mark.parametrize(
    ("values", "name", "read"),
    [
        (("03/04/2026", "13/04/2026"), "dd/mm/yyyy", "2026-04-03T00:00:00"),
        (("03/04/2026", "04/13/2026"), "mm/dd/yyyy", "2026-03-04T00:00:00"),
        (("3-4-2026", "13-4-2026"), "dd/mm/yyyy", "2026-04-03T00:00:00"),
    ],
)
def test_a_day_above_twelve_decides_for_its_column(values: tuple[str, ...], name: str, read: str) -> None:
    found = reader(*values)

    assert (found.form.name, found("03/04/2026")) == (name, read)


def test_dots_have_the_day_first_whatever_else_the_column_has() -> None:
    assert reader("03.04.2026")("03.04.2026") == "2026-04-03T00:00:00"
    assert reader("03.04.2026", "04/13/2026")("03.04.2026") == "2026-04-03T00:00:00"
    assert str(reader("03.04.2026")) == "dates dd.mm.yyyy in occurred_at"


def test_a_column_that_never_tells_the_day_from_the_month_is_refused_unless_both_are_the_same() -> None:
    with pytest.raises(InvalidInput, match=r"03/04/2026 \(line 2\) may have .* --date-format dd/mm/yyyy") as error:
        evidence("03/04/2026", "05/06/2026").reader(None)
    assert error.value.code == "ambiguous_date"
    assert reader("03/03/2026")("03/03/2026") == "2026-03-03T00:00:00"


def test_a_column_with_both_orders_is_refused_with_both_lines() -> None:
    with pytest.raises(InvalidInput, match=r"has 13/04/2026 \(line 3\) and 04/13/2026 \(line 2\)"):
        evidence("04/13/2026", "13/04/2026").reader(None)


def test_a_few_unclear_dates_in_a_column_of_the_contract_are_rejected_one_by_one() -> None:
    found = reader("2026-11-20T10:00:00Z", "03/04/2026", "20.11.2026")

    assert found("20.11.2026") == "2026-11-20T00:00:00"
    with pytest.raises(InvalidInput, match="'03/04/2026' is not a date written as"):
        found("03/04/2026")


def test_rejected_rows_do_not_decide_on_the_order() -> None:
    with pytest.raises(InvalidInput, match="state the format"):
        evidence("13/04/2026", is_whole=False).reader(None)
    assert evidence("13.04.2026", is_whole=False).reader(None) is not None


def test_dates_of_excel_are_read_as_they_are_and_its_serial_numbers_too() -> None:
    found = reader(date(2026, 11, 20), serials=True)

    assert found(date(2026, 11, 20)) == "2026-11-20T00:00:00"
    assert found(datetime(2026, 11, 20, 10, tzinfo=UTC)) == "2026-11-20T10:00:00+00:00"
    assert found(46346) == "2026-11-20T00:00:00"
    assert found("2026-11-20T10:00:00Z") == "2026-11-20T10:00:00Z"
    with pytest.raises(InvalidInput, match="'0' is not a date"):
        found(0)
    assert evidence(46346).reader(None) is None


@pytest.mark.parametrize(
    ("stated", "text", "read"),
    [
        ("dd/mm/yyyy", "03/04/2026", "2026-04-03T00:00:00"),
        ("MM/DD/YYYY", "03/04/2026", "2026-03-04T00:00:00"),
        ("TT.MM.JJ", "03.04.26", "2026-04-03T00:00:00"),
        ("mm/dd/yy", "3/4/26", "2026-03-04T00:00:00"),
        ("yyyy-mm-dd", "2026-04-03", "2026-04-03T00:00:00"),
        ("yyyymmdd", "20260403", "2026-04-03T00:00:00"),
        ("excel", "46115,5".replace(",", "."), "2026-04-03T12:00:00"),
        ("%d %b %Y", "3 Apr 2026", "2026-04-03T00:00:00"),
        ("mm.dd.yyyy", "04.03.2026", "2026-04-03T00:00:00"),
    ],
)
def test_a_stated_format_decides(stated: str, text: str, read: str) -> None:
    found = evidence(text).reader(parse_time_format(stated))

    assert found is not None
    assert found(text) == read
    assert found("2026-11-20T10:00:00Z") == "2026-11-20T10:00:00Z"


def test_a_value_that_a_stated_format_does_not_fit_is_refused_with_its_name() -> None:
    found = evidence().reader(parse_time_format("dd/mm/yyyy"))

    assert found is not None
    with pytest.raises(InvalidInput, match=r"occurred_at: '04/13/2026' is not a date written as dd/mm/yyyy"):
        found("04/13/2026")


@pytest.mark.parametrize("text", ["dd", "yyyy/dd/mm", "", "dd.mm/yyyy", "hello"])
def test_other_formats_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a date format"):
        parse_time_format(text)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("unix_ms", 1795172400500, "2026-11-20T11:00:00.500+00:00"),
        ("unix", "1795172400", "2026-11-20T11:00:00.000+00:00"),
        ("UNIX", 1795172400.25, "2026-11-20T11:00:00.250+00:00"),
    ],
)
def test_numbers_since_1970_are_read_as_stated(name: str, value: object, read: str) -> None:
    assert TimeReader("occurred_at", parse_time_format(name), serials=False)(value) == read


@pytest.mark.parametrize("value", ["soon", "1e30", "nan"])
def test_what_is_no_number_since_1970_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput, match="is not a date written as unix_ms"):
        TimeReader("occurred_at", parse_time_format("unix_ms"), serials=False)(value)
