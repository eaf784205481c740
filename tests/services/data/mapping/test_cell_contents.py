from datetime import date

from dog.services.data.mapping.cell_contents import MAX_WORDS, are_ids, are_numbers, are_times, types_of_words


def test_times_are_told_in_every_way_of_writing_but_not_by_numbers() -> None:
    assert are_times(["20.11.2026", "2026-11-20", "11/20/2026 9:30 PM", date(2026, 11, 20)])
    assert not are_times([46346, 46347])
    assert not are_times(["20.11.2026", "n/a"])
    assert not are_times([])


def test_numbers_are_told_with_point_and_comma() -> None:
    assert are_numbers(["1,5", "1.234,50 €", 3, 0.5])
    assert not are_numbers(["A1", "B2"])
    assert not are_numbers([True, False])


def test_ids_differ_from_row_to_row() -> None:
    assert are_ids(["a", "b"])
    assert not are_ids(["a", "a"])
    assert not are_ids(["x" * 100])


def test_a_column_without_an_outcome_has_no_types() -> None:
    assert types_of_words(["open", "new"]) == {}
    assert types_of_words(["won", *(f"word {n}" for n in range(MAX_WORDS))]) == {}
