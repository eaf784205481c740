"""The columns of files are those of the contract, and no other name means two of them."""

from dataclasses import fields

import pytest

from dog.services.data.mapping.file_columns import ALIASES, FILE_COLUMNS, KINDS, OWN_ID
from dog.services.data.mapping.match_columns import fold_name
from dog.services.feedback.parse_event import FILE_FIELDS, REASON_FIELDS
from dog.storage.event_log import Event


@pytest.mark.parametrize("kind", KINDS)
def test_another_name_means_one_column_of_a_kind(kind: str) -> None:
    names = FILE_COLUMNS[kind].names
    meant = [(fold_name(other), name) for name in names for other in ALIASES.get(name, ())]
    meant += [("id", OWN_ID[kind])] if kind in OWN_ID else []

    assert len({other for other, _ in meant}) == len(meant)
    assert not {other for other, _ in meant} & {fold_name(name) for name in names}


def test_the_columns_of_feedback_are_those_that_an_event_has() -> None:
    names = {*FILE_COLUMNS["feedback"].names}

    assert FILE_FIELDS - {"reason", "replace", "rank"} <= names
    assert names >= REASON_FIELDS
    assert names - {"occurred_at", "replacement"} <= {field.name for field in fields(Event)} | {"replacement"}


def test_times_numbers_and_words_are_columns_of_their_kind() -> None:
    for columns in FILE_COLUMNS.values():
        assert {*columns.times, *columns.numbers, *columns.choices} <= {*columns.names}
