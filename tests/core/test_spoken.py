from datetime import date

import pytest

from dog.core.spoken import day_and_month, in_words, percent, spoken_names, times


def test_counts_up_to_two_have_words_of_their_own() -> None:
    assert [times(count) for count in (1, 2, 3, 1200)] == ["once", "twice", "3 times", "1,200 times"]


def test_counts_up_to_twelve_are_words() -> None:
    assert [in_words(count) for count in (0, 1, 12, 13, 1200)] == ["0", "one", "twelve", "13", "1,200"]


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2026, 11, 20), "20 Nov"),
        (date(2026, 2, 1), "1 Feb"),
        (date(2025, 11, 30), "30 Nov 2025"),
        (date(2027, 1, 1), "1 Jan 2027"),
    ],
)
def test_a_day_has_its_year_only_where_it_is_far_away(day: date, told: str) -> None:
    assert day_and_month(day, date(2026, 11, 20)) == told


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.5, "50 %"),
        (0.0949, "9 %"),
        (0.0094, "0.9 %"),
        (0.0096, "1 %"),
        (0.0004, "under 0.1 %"),
        (0.9951, "over 99 %"),
    ],
)
def test_a_share_is_told_in_whole_percents_but_where_it_is_below_one(share: float, told: str) -> None:
    assert percent(share) == told


def test_brands_keep_their_capitals_and_words_in_capitals_do_not() -> None:
    assert spoken_names(["HAIR CARE", "USB-C HUB 4", "FAX", "Nutella", "Green Tea", "p1", ""]) == [
        "hair care",
        "USB-C HUB 4",
        "FAX",
        "Nutella",
        "Green Tea",
        "p1",
        "",
    ]


def test_a_catalogue_written_in_sentence_case_is_told_in_lower_case() -> None:
    assert spoken_names(["Soft drinks", "Hot cereal", "Pasta sauce", "Eggs", "BBQ sauce"]) == [
        "soft drinks",
        "hot cereal",
        "pasta sauce",
        "eggs",
        "BBQ sauce",
    ]
