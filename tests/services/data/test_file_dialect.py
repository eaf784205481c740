"""Encodings and delimiters as the bytes and the first line tell."""

import io

import pytest

from dog.services.data.file_dialect import Dialect, find_delimiter, find_encoding

TEXT = "product_id;name\np1;Müller – Größe\n"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found_in_the_bytes(written: str, found: str) -> None:
    content = TEXT.encode(written)

    assert find_encoding(io.BytesIO(content)) == found
    assert content.decode(found) == TEXT


def test_a_zero_byte_in_some_value_does_not_make_the_text_utf_16() -> None:
    assert find_encoding(io.BytesIO(b"contact_id\nc1\0\nc2\n")) == "utf-8-sig"


def test_an_umlaut_after_a_mebibyte_of_ascii_still_counts() -> None:
    late = b"a" * (1 << 20) + "ü".encode("cp1252")

    assert find_encoding(io.BytesIO(late)) == "cp1252"
    assert find_encoding(io.BytesIO(late), most_bytes=1000) == "utf-8-sig"


def test_a_letter_that_is_cut_by_the_end_of_a_chunk_is_whole() -> None:
    assert find_encoding(io.BytesIO(b"a" * ((1 << 20) - 1) + "ü".encode())) == "utf-8-sig"


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        ("name,value\n", ","),
        ("name;value\n", ";"),
        ("name\tvalue\r\n", "\t"),
        ("name|value\n", "|"),
        ("name;price, net;value, gross, all\n", ";"),  # more commas, more known names
        ('"name;value",other\n', ","),
        ("a;b;c\n", ";"),  # no known name: the most columns
        ("name\n", ","),
        ("", ","),
    ],
)
def test_the_delimiter_is_the_one_with_the_most_known_names(line: str, delimiter: str) -> None:
    assert find_delimiter(line, {"name", "value"}.__contains__) == delimiter


def test_only_utf_8_with_commas_is_plain() -> None:
    assert Dialect().is_plain
    assert not Dialect(delimiter=";").is_plain
    assert not Dialect(encoding="cp1252").is_plain
    assert not Dialect(sheet="A").is_plain
    assert str(Dialect(encoding="cp1252", delimiter="\t")) == "cp1252, delimiter tab"
