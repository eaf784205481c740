"""Times as people and Excel write them: 20.11.2026 10:00, 11/20/2026, serial numbers; nothing is guessed."""

import re
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dog.errors import InvalidInput
from dog.services.feedback.parse_event import RFC3339

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "dmy", "mdy", "ymd"
EXCEL, COMPACT = "excel", "yyyymmdd"
UNIX = {"unix": 1, "unix_ms": 1000}
"""Formats of times as a number since 1970, with how many of its units a second has."""
WRITTEN = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})"
    r"(?:(?:,? |T)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?(?: ?([AaPp])\.?[Mm]\.?)?)?(?: ?(Z|[+-]\d\d:\d\d))?",
    re.ASCII,
)
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
STATED = re.compile(r"(dd?|mm?|yyyy|yy)([./-])(dd?|mm?)\2(dd?|mm?|yyyy|yy)")
SERIAL_START = datetime(1899, 12, 30)  # noqa: DTZ001  # a time of day without zone, as Excel has it
LARGEST_SERIAL = 2_958_465  # 9999-12-31
EITHER = "either"
DOTTED = "dd.mm.yyyy"
"""With dots the day comes first, everywhere."""
SLASHED = {DAY_FIRST: "dd/mm/yyyy", MONTH_FIRST: "mm/dd/yyyy"}
STATE_IT = "state the format: --date-format dd/mm/yyyy or mm/dd/yyyy (date_format in dog.toml)"


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How the times of a column are written, the time of day aside; ISO 8601 is always read."""

    name: str
    order: str | None = None  # of day, month and year where the year is not first
    _: KW_ONLY
    pattern: str | None = None  # of `datetime.strptime`
    short_years: bool = False
    is_stated: bool = False


def parse_time_format(text: str) -> TimeFormat:
    """Return the format that is stated as dd.mm.yyyy, mm/dd/yyyy and the like, yyyymmdd, excel, or with % signs.

    Examples
    --------
    >>> parse_time_format("TT.MM.JJJJ").order, parse_time_format("%d %b %Y").pattern
    ('dmy', '%d %b %Y')

    """
    name = text.strip()
    if "%" in name:
        return TimeFormat(name, pattern=name, is_stated=True)
    plain = name.lower().translate(str.maketrans("tj", "dy"))
    if name.lower() in {EXCEL, *UNIX}:
        return TimeFormat(name.lower(), is_stated=True)
    if plain == COMPACT:
        return TimeFormat(COMPACT, pattern="%Y%m%d", is_stated=True)
    found = STATED.fullmatch(plain)
    order = f"{found[1][0]}{found[3][0]}{found[4][0]}" if found else ""
    if found is None or order not in (DAY_FIRST, MONTH_FIRST, YEAR_FIRST):
        raise InvalidInput(
            f"{name[:60]!r} is not a date format; write dd.mm.yyyy, dd/mm/yyyy, mm/dd/yyyy, yyyy-mm-dd, yyyymmdd, "
            "excel, unix, unix_ms, or one of Python's strptime such as %d %b %Y"
        )
    return TimeFormat(plain, order, short_years="yyyy" not in plain, is_stated=True)


def read_written_time(text: str, order: str | None, *, short_years: bool = False) -> str | None:
    """Return a time as ISO 8601 without offset unless it has one; None where it is none with this order.

    Examples
    --------
    >>> read_written_time("20.11.2026 9:05", "dmy"), read_written_time("11/20/2026 1:00 PM", "mdy")
    ('2026-11-20T09:05:00', '2026-11-20T13:00:00')

    """
    found = WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    first, sign, second, last, hour, minute, second_of_minute, half, offset = found.groups()
    if len(first) == 4 and len(last) <= 2:
        parts = {"y": first, "m": second, "d": last}
    elif order and len(first) <= 2 and (len(last) == 4 or (len(last) == 2 and (short_years or sign == "."))):
        parts = dict(zip(order, (first, second, last), strict=True))
    else:
        return None
    year = int(parts["y"]) + (0 if len(parts["y"]) == 4 else 1900 if int(parts["y"]) > 68 else 2000)
    try:
        moment = datetime(  # noqa: DTZ001  # its zone is that of the deployment, as of any naive time in a file
            year, int(parts["m"]), int(parts["d"]), _hour(hour, half), int(minute or 0), int(second_of_minute or 0)
        )
    except ValueError:
        return None
    return moment.isoformat() + (offset or "")


def _hour(hour: str | None, half: str | None) -> int:
    if not half:
        return int(hour or 0)
    return int(hour or 0) % 12 + (12 if half in "Pp" else 0) if 1 <= int(hour or 0) <= 12 else 24


def read_serial(days: float) -> str | None:
    """Return the time of an Excel serial number, to the millisecond; None where it is none.

    Examples
    --------
    >>> read_serial(46346.5)
    '2026-11-20T12:00:00'

    """
    if not 1 <= days <= LARGEST_SERIAL:
        return None
    return (SERIAL_START + timedelta(milliseconds=round(days * 86_400_000))).isoformat()


def read_unix(value: Any, units: int) -> str | None:
    """Return the time of a number since 1970, to the millisecond; None where it is none.

    Examples
    --------
    >>> read_unix(1792317600500, 1000), read_unix("1792317600", 1)
    ('2026-10-18T10:00:00.500+00:00', '2026-10-18T10:00:00.000+00:00')

    """
    try:
        return datetime.fromtimestamp(float(value) / units, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return None


class TimeReader:
    """Reads the times of one column as ISO 8601."""

    def __init__(self, column: str, form: TimeFormat, *, serials: bool) -> None:
        """Read a format; with `serials` numbers are those of Excel."""
        self.column, self.form, self.serials = column, form, serials

    def __call__(self, value: Any) -> Any:
        """Return the time; raise `InvalidInput` where it is none."""
        read = self._read(value)
        if read is None:
            raise InvalidInput(f"{self.column}: {str(value)[:60]!r} is not a date written as {self.form.name}")
        return read

    def _read(self, value: Any) -> Any:
        units = UNIX.get(self.form.name)
        if units is not None and isinstance(value, str | int | float) and not isinstance(value, bool):
            return read_unix(value, units)
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, date):
            return f"{value.isoformat()}T00:00:00"
        if self.serials and isinstance(value, int | float) and not isinstance(value, bool):
            return read_serial(value)
        if not isinstance(value, str) or RFC3339.fullmatch(value):
            return value
        return self._read_text(value.strip())

    def _read_text(self, text: str) -> str | None:
        form = self.form
        order = DAY_FIRST if _is_dotted(text) and not form.is_stated else form.order
        read = read_written_time(text, order, short_years=form.short_years)
        if read is not None or not form.is_stated:
            return read
        try:
            if form.pattern:
                return datetime.strptime(text, form.pattern).isoformat()  # noqa: DTZ007  # naive, as above
            return read_serial(float(text)) if form.name == EXCEL else None
        except ValueError:
            return None

    def __str__(self) -> str:
        """Return what a summary says of it."""
        return f"dates {self.form.name} in {self.column}"


class TimeEvidence:
    """How the times of one column are written."""

    def __init__(self, column: str, *, takes_days: bool, takes_times: bool, serials: bool, is_whole: bool) -> None:
        """Start without any.

        `takes_days`: a day such as 2026-11-20 needs no reading; `takes_times`: nor does a time of Python; `serials`: a
        number is one of Excel; `is_whole`: the file is not a file of rejected rows, whose dates would not decide as
        those of the whole file did.
        """
        self.column, self.takes_days, self.takes_times = column, takes_days, takes_times
        self.serials, self.is_whole = serials, is_whole
        self.is_foreign = False
        """Whether a time is not written as an import takes it."""
        self._has_own = False
        self._first: dict[str, tuple[int, str]] = {}
        self._names: dict[str, None] = {}

    def add(self, line: int, value: Any) -> None:
        """Take note of a value."""
        if isinstance(value, str):
            if RFC3339.fullmatch(value) or (self.takes_days and ISO_DAY.fullmatch(value)):
                self._has_own = True
            else:
                self._add_text(line, value.strip())
        elif self.serials and isinstance(value, date | int | float):
            self.is_foreign = True
            self._names.setdefault("as Excel has them")
        elif isinstance(value, date) and not self.takes_times:
            self.is_foreign = True

    def _add_text(self, line: int, text: str) -> None:
        if _is_dotted(text) or ISO_DAY.match(text):
            if read_written_time(text, DAY_FIRST) is not None:
                self.is_foreign = True
                self._names.setdefault(DOTTED if _is_dotted(text) else "yyyy-mm-dd")
            return
        by_day, by_month = (read_written_time(text, order) for order in (DAY_FIRST, MONTH_FIRST))
        if by_day is None and by_month is None:
            return
        self.is_foreign = True
        if by_day != by_month:
            order = MONTH_FIRST if by_day is None else DAY_FIRST if by_month is None else EITHER
            self._first.setdefault(order, (line, text))

    def reader(self, stated: TimeFormat | None) -> TimeReader | None:
        """Return what reads the column, None where it needs no reading; `InvalidInput` where its order is unclear."""
        if stated is not None:
            return TimeReader(self.column, stated, serials=self.serials)
        if not self.is_foreign:
            return None
        order = self._order()
        names = [*self._names, *([SLASHED[order]] if order in self._first and order is not None else [])]
        form = TimeFormat(" or ".join(names) or "2026-11-20T10:00:00Z", order)
        return TimeReader(self.column, form, serials=self.serials)

    def _order(self) -> str | None:
        """Return the order of dates with slashes; None where each of them is to be rejected."""
        orders = self._first.keys() - {EITHER}
        if len(orders) == 1 and self.is_whole:
            return next(iter(orders))
        if not self._first:
            return DAY_FIRST  # day and month are the same in each
        if self._has_own:
            return None  # a column as the contract has it, with a few dates of another kind
        if len(orders) == 2:
            (line, day), (other, month) = self._first[DAY_FIRST], self._first[MONTH_FIRST]
            raise InvalidInput(
                f"{self.column} has {day} (line {line:,}) and {month} (line {other:,}), so the day comes first in "
                f"one, the month in the other; {STATE_IT}, and the other rows are rejected",
                code="ambiguous_date",
            )
        line, text = next(iter(self._first.values()))
        raise InvalidInput(
            f"{self.column}: {text} (line {line:,}) may have the day or the month first; {STATE_IT}",
            code="ambiguous_date",
        )


def _is_dotted(text: str) -> bool:
    return "." in text[1:3]
