"""Columns of a file and those of the contract."""

import pytest

from dog.errors import InvalidInput
from dog.services.data.mapping.match_columns import match_columns

EVENT = ["event_id", "type", "contact_id", "product_id", "occurred_at"]


def test_names_of_the_contract_stay() -> None:
    match = match_columns("feedback", [*EVENT, "colour"], {})

    assert match.targets == {name: name for name in EVENT}
    assert (match.renamed, match.ignored) == ({}, ["colour"])


def test_the_column_in_which_pandas_numbers_rows_is_ignored() -> None:
    scores = ["contact_id", "model", "score", "as_of", "__index_level_0__"]

    assert match_columns("scores", scores, {}).ignored == ["__index_level_0__"]
    assert match_columns("contacts", ["contact_id", "__index_level_0__"], {}).targets == {"contact_id": "contact_id"}


@pytest.mark.parametrize("name", ["Contact ID", "contactId", "CONTACT-ID", "contact id ", "Contact_Id"])
def test_case_spaces_and_signs_do_not_count(name: str) -> None:
    assert match_columns("contacts", [name, "Shoe size"], {}).targets == {name: "contact_id", "Shoe size": "Shoe size"}


def test_other_names_count_where_a_required_column_is_missing_and_only_there() -> None:
    strange = match_columns("transactions", ["Kunden-Nr.", "Artikel", "Datum", "Menge"], {})
    own = match_columns("products", ["product_id", "Kategorie"], {})

    assert [*strange.targets.values()] == ["contact_id", "product_id", "occurred_at", "quantity"]
    assert own.targets == {"product_id": "product_id", "Kategorie": "Kategorie"}


def test_the_exact_name_wins_over_others() -> None:
    found = ["customer", "Contact ID", "contact_id", "product_id", "date"]

    assert match_columns("transactions", found, {}).targets == {
        "contact_id": "contact_id",
        "product_id": "product_id",
        "date": "occurred_at",
    }


def test_what_is_stated_wins_over_names_and_an_empty_one_ignores() -> None:
    stated = {"When": "occurred_at", "date": "", "not there": "type"}
    match = match_columns("transactions", ["contact_id", "product_id", "date", "when"], stated)

    assert match.renamed == {"when": "occurred_at"}
    assert match.ignored == ["date"]


def test_a_constant_needs_no_column() -> None:
    assert match_columns("scores", ["contact_id", "score", "as_of"], {}, ["model"]).renamed == {}


def test_missing_columns_are_one_error_with_those_found_and_how_to_map() -> None:
    with pytest.raises(InvalidInput) as error:
        match_columns("feedback", ["Customer", "event_id", "type", "Wann"], {})

    assert error.value.code == "missing_column"
    assert error.value.message == (
        "no column for product_id, occurred_at; columns found: Customer (is contact_id), event_id, type, Wann. "
        "Rename the column, or map it in dog.toml under [files.feedback.columns], such as "
        '"Wann" = "product_id", and load with --map dog.toml'
    )


def test_two_columns_that_may_be_the_same_one_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"'Customer' and 'Client' may both be contact_id.*\"Client\" = \"\""):
        match_columns("transactions", ["Customer", "Client", "product_id", "date"], {})


def test_a_column_that_scores_cannot_have_is_one_error_with_the_nearest_name() -> None:
    with pytest.raises(InvalidInput, match=r"unknown column trained_untl; did you mean trained_until\?"):
        match_columns("scores", ["contact_id", "model", "score", "as_of", "trained_untl"], {})
    ignored = match_columns("scores", ["contact_id", "model", "score", "as_of", "note"], {"note": ""})
    assert ignored.ignored == ["note"]
