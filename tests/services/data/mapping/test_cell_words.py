"""Words of the contract in any case, and mapped ones."""

import pytest

from dog.errors import InvalidInput
from dog.services.data.mapping.cell_words import LeftOut, WordEvidence, WordReader

CHOICES = ("pitch", "win", "loss")


@pytest.mark.parametrize("text", ["win", "Win", " WIN ", "Closed Won", "closed won", "CLOSED WON "])
def test_words_are_read_in_any_case_and_as_mapped(text: str) -> None:
    assert WordReader("files.feedback", "type", {"Closed Won": "win"}, CHOICES)(text) == "win"


def test_another_word_is_refused_with_how_to_map_it() -> None:
    read = WordReader("files.feedback", "type", {}, CHOICES)
    for _ in range(2):
        with pytest.raises(InvalidInput, match=r"'Won' is none of pitch.*\[files\.feedback\.values\.type\]") as error:
            read("Won")

    assert error.value.code == "unmapped_value"
    assert read.advice() == "type not mapped: Won (2 rows); map in dog.toml under [files.feedback.values.type]"
    assert WordReader("files.feedback", "type", {}, CHOICES).advice() == ""


def test_a_column_without_a_list_of_words_keeps_the_others() -> None:
    read = WordReader("files.contacts", "segment", {"1": "gold"}, ())

    assert (read(1), read("2"), read(None)) == ("gold", "2", None)


@pytest.mark.parametrize(("value", "is_foreign"), [("win", False), ("Win", True), (None, False)])
def test_only_other_words_need_reading(value: object, is_foreign: bool) -> None:  # a parameter of a table
    evidence = WordEvidence(CHOICES)
    evidence.add(2, value)

    assert evidence.is_foreign == is_foreign


def test_a_star_stands_for_all_words_that_the_map_does_not_name() -> None:
    read = WordReader("files.feedback", "type", {"Closed Won": "win", "*": "pitch"}, CHOICES)

    assert [read(text) for text in ("closed won", "LOSS", "Qualified", 3)] == ["win", "loss", "pitch", "pitch"]


def test_an_emptied_required_word_leaves_the_row_out_and_any_other_empties_its_cell() -> None:
    required = WordReader("files.feedback", "type", {"Qualified": ""}, CHOICES, is_required=True)
    with pytest.raises(LeftOut):
        required("qualified")

    assert required.advice() == '1 row left out: type is mapped to ""'
    assert WordReader("files.feedback", "trigger", {"none": ""}, ("market",))("None") == ""
