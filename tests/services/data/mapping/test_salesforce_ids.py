import pytest

from dog.services.data.mapping.salesforce_ids import SalesforceIdReader, long_id


@pytest.mark.parametrize(
    ("short", "check"),
    [
        ("a01M00000062mPg", "IAI"),
        ("001M000000qfPyS", "IAU"),
        ("a0FE000000D6r3F", "MAR"),
        ("0F9E000000092w2", "KAA"),
        ("aaaaaaaaaaaaaaa", "AAA"),
        ("AAAAAAAAAAAAAAA", "555"),
    ],
)
def test_the_checksum_of_a_short_id_is_that_of_salesforce(short: str, check: str) -> None:
    assert long_id(short) == short + check


@pytest.mark.parametrize("other", ["001M000000qfPySIAU", "p1", "001M000000qfPy-", 17, None, "", "ééééééééééééééé"])
def test_what_is_no_short_id_stays_as_it_is(other: object) -> None:
    assert SalesforceIdReader("contact_id")(other) == other


def test_short_and_long_name_the_same_record() -> None:
    read = SalesforceIdReader("contact_id")

    assert read("001M000000qfPyS") == read("001M000000qfPySIAU") == "001M000000qfPySIAU"
