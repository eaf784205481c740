from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from dog.errors import InvalidInput
from dog.services.data.columns.row_table import RowTable, table_of_rows
from dog.services.data.columns.table_outcomes import TableOutcomes
from dog.services.data.data_rows import Row, RowFault
from dog.services.data.row_values import ACCEPTED, DUPLICATE, RowCounts
from dog.services.lists.unknown_names import UnknownName
from dog.storage.event_log import Status


def refuse(row: Mapping[str, Any]) -> None:
    if row["a"] == "bad":
        raise InvalidInput("a is bad", code="invalid_row")


def test_each_row_has_one_result_and_the_first_refusal_stays() -> None:
    faulty = Row(3, {}, RowFault("is not CSV"))
    table = table_of_rows([Row(1, {"a": "bad"}), Row(2, {"a": "x"}), faulty, Row(4, {"a": "y"})], ("a",))
    outcomes = TableOutcomes(table)
    outcomes.refuse(np.array([True, False, True, False]), refuse)
    outcomes.duplicate[3] = True
    outcomes.warn({0: UnknownName("product", "p"), 1: UnknownName("product", "p")})
    counts = RowCounts()
    outcomes.add_to(counts)

    assert (str(counts), counts.by_code["broken_line"]) == ("1 accepted, 1 duplicates, 2 rejected", 1)
    assert outcomes.rejected()[0] == [0, 2]
    listed = outcomes.listed()
    assert [(one.status, one.message) for one in listed[:3]] == [
        (Status.REJECTED, "a is bad"),
        (Status.ACCEPTED, None),
        (Status.REJECTED, "is not CSV"),
    ]
    assert listed[1].warning == UnknownName("product", "p")
    assert listed[3] is DUPLICATE
    assert TableOutcomes(RowTable(size=1, columns={})).listed() == [ACCEPTED]


def test_a_row_that_is_marked_and_has_no_fault_is_a_bug_that_is_seen() -> None:
    table = table_of_rows([Row(7, {"a": "x"})], ("a",))

    with pytest.raises(AssertionError, match="line 7 was marked as bad"):
        TableOutcomes(table).refuse(np.array([True]), refuse)
