from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dog.core.iso_weeks import format_week, parse_week, week_end_ms, week_of

BERLIN = ZoneInfo("Europe/Berlin")
WEEK_MS = 7 * 86_400_000


def at_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize("text", ["2020-W53", "2021-W01", "1970-W02", "2026-W46", "1969-W52"])
def test_a_week_is_written_as_it_was_read(text: str) -> None:
    assert format_week(parse_week(text)) == text


def test_weeks_run_on_over_new_year() -> None:
    assert parse_week("2021-W01") - parse_week("2020-W53") == 1
    assert parse_week("2022-W01") - parse_week("2021-W52") == 1


@pytest.mark.parametrize("text", ["2021-W53", "2026-W00", "2026-46", "2026-W4", "2026-W466", "", "last week"])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an ISO week"):
        parse_week(text)


@pytest.mark.parametrize(
    ("instant", "week"),
    [
        ("2020-12-31T23:59:59.999+00:00", "2020-W53"),
        ("2021-01-03T23:59:59.999+00:00", "2020-W53"),  # the Sunday of a week that began last year
        ("2021-01-04T00:00:00+00:00", "2021-W01"),
        ("2024-12-30T00:00:00+00:00", "2025-W01"),  # the Monday of a week that ends next year
    ],
)
def test_an_instant_lies_in_its_iso_week(instant: str, week: str) -> None:
    assert format_week(week_of(at_ms(instant), UTC)) == week


def test_the_zone_decides_on_which_side_of_midnight_an_instant_lies() -> None:
    instant = at_ms("2026-11-15T23:30:00+00:00")

    assert format_week(week_of(instant, UTC)) == "2026-W46"
    assert format_week(week_of(instant, BERLIN)) == "2026-W47"


@pytest.mark.parametrize(
    ("week", "hours"),
    [
        ("2026-W12", 168),
        ("2026-W13", 167),
        ("2026-W43", 169),
    ],  # the clocks change in March and October
)
def test_a_week_with_a_change_of_clocks_is_an_hour_shorter_or_longer(week: str, hours: int) -> None:
    number = parse_week(week)

    assert (week_end_ms(number, BERLIN) - week_end_ms(number - 1, BERLIN)) / 3_600_000 == hours


@pytest.mark.parametrize("zone", [UTC, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland")])
def test_a_week_ends_where_the_next_begins(zone: ZoneInfo) -> None:
    for week in range(parse_week("2020-W50"), parse_week("2021-W30")):
        end_ms = week_end_ms(week, zone)

        assert week_of(end_ms - 1, zone) == week
        assert week_of(end_ms, zone) == week + 1
