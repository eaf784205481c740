from dog.services.data.data_rows import Row, RowFault


def test_a_row_has_fields_or_a_fault_and_the_original_where_it_was_mapped() -> None:
    plain, broken = Row(2, {"a": "1"}), Row(3, {}, RowFault("has 2 fields", cells=["1", "2"]))

    assert (plain.fault, plain.original) == (None, None)
    assert broken.fault == RowFault("has 2 fields", "broken_line", ["1", "2"])
