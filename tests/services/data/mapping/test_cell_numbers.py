"""Decimal signs: found by content, never guessed."""

import pytest

from dog.errors import InvalidInput
from dog.services.data.mapping.cell_numbers import DecimalEvidence, DecimalReader, read_decimal


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("12", "12", "12"),
        ("-1.5", "-1.5", None),
        ("1,5", None, "1.5"),
        ("1,234", "1234", "1.234"),
        ("1.234", "1.234", "1234"),
        ("0.123", "0.123", None),
        ("1,234.50", "1234.50", None),
        ("1.234.567,8", None, "1234567.8"),
        ("1'234.5", "1234.5", None),
        ("1 234,5", None, "1234.5"),
        ("1\u00a0234", "1234", "1234"),
        ("1.5E-05", "1.5E-05", None),
        ("€ 5", "5", "5"),
        ("12,50 €", None, "12.50"),
        ("12345.678", "12345.678", None),
        ("1,23,456", None, None),
        ("1.234,567.8", None, None),
        ("n/a", None, None),
        ("١", None, None),
        ("", None, None),
    ],
)
def test_a_number_has_one_value_by_each_decimal_sign(text: str, point: str | None, comma: str | None) -> None:
    assert (read_decimal(text, "."), read_decimal(text, ",")) == (point, comma)


def reader(*values: object, stated: str | None = None, dots_are_points: bool = True) -> DecimalReader | None:
    evidence = DecimalEvidence("value", dots_are_points=dots_are_points)
    for line, value in enumerate(values, 2):
        evidence.add(line, value)
    return evidence.reader(stated)


@pytest.mark.parametrize("values", [("1.5", "2"), ("1.234",), ("1e5",), ("n/a",), (1.5, 2), ()])
def test_numbers_that_float_reads_need_no_reading(values: tuple[object, ...]) -> None:
    assert reader(*values) is None


@pytest.mark.parametrize(
    ("values", "decimal"),
    [(("1,234", "1,5"), ","), (("1.234", "2.345.678"), ","), (("1,234", "1,234.5"), "."), (("€ 5", "6"), ".")],
)
def test_one_value_decides_for_its_column(values: tuple[str, ...], decimal: str) -> None:
    found = reader(*values)

    assert found is not None
    assert found.decimal == decimal


@pytest.mark.parametrize("values", [("1,234",), ("1,234", "12", "5,678"), ("1,234", "1.234")])
def test_what_may_mean_two_numbers_is_refused(values: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match=r"value: 1,234 \(line 2\) may be 1234 or 1\.234; state") as it:
        reader(*values)
    assert it.value.code == "ambiguous_number"


def test_a_dot_before_three_digits_is_a_point_only_between_commas() -> None:
    assert reader("1.234") is None
    with pytest.raises(InvalidInput, match=r"may be 1\.234 or 1234"):
        reader("1.234", dots_are_points=False)
    assert reader("1.234", "0.5", dots_are_points=False) is None


def test_two_signs_in_a_column_are_refused_with_both_lines() -> None:
    with pytest.raises(InvalidInput, match=r"value has 1\.5 \(line 3\) and 2,5 \(line 2\)"):
        reader("2,5", "1.5", dots_are_points=False)


def test_a_few_commas_in_a_file_of_the_contract_are_rejected_one_by_one() -> None:
    found = reader("2,5", "1.5")

    assert found is not None
    assert found("1.5") == "1.5"
    with pytest.raises(InvalidInput, match="'2,5' is not a number with a decimal point"):
        found("2,5")


def test_a_stated_sign_decides_and_other_values_are_refused_one_by_one() -> None:
    found = reader("1,234", stated=",")

    assert found is not None
    assert (found("1,234"), found(7), str(found)) == ("1.234", 7, "decimal comma in value")
    with pytest.raises(InvalidInput, match=r"value: '1\.5' is not a number with a decimal comma"):
        found("1.5")
