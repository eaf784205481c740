import pytest

from dog.core.rulebook.tokens import MAX_CHARACTERS, MAX_DEPTH, check_tokens
from dog.errors import InvalidPolicy


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("product.value > 'dear", "open_quote", 17),
        ("a = 1 -- always", "bad_syntax", 7),
        ("a == 1", "bad_syntax", 3),
        ("a = 1 ; b", "bad_syntax", 7),
        ("sleep(1) = 1", "unknown_function", 1),
        ("  ", "empty_condition", 1),
        ("(" * (MAX_DEPTH + 1) + "1", "too_deep", MAX_DEPTH + 1),
        ("a" * (MAX_CHARACTERS + 1), "too_long", MAX_CHARACTERS + 1),
    ],
)
def test_each_fault_names_its_column(text: str, code: str, column: int) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        check_tokens(text)

    assert [(fault.code, fault.column) for fault in caught.value.faults] == [(code, column)]


def test_a_keyword_after_a_dot_is_a_name() -> None:
    check_tokens("context.end = 1 AND product.case = 'x'")
