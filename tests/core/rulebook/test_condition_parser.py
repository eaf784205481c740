import pytest

from dog.core.rulebook.condition_parser import parse_condition
from dog.core.rulebook.condition_tree import Node
from dog.core.rulebook.tokens import MAX_DEPTH


def shape(node: Node) -> str:
    inner = " ".join([node.text, *map(shape, node.parts)]).strip()
    return f"({node.kind} {inner})"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("win_rate > 0.5", "(> (column win_rate) (number 0.5))"),
        ("a != 1 AND ((b) AND NOT c)", "(and (<> (column a) (number 1)) (and (column b) (not (column c))))"),
        ("a OR b OR c", "(or (column a) (column b) (column c))"),
        ("a NOT LIKE 'x%'", "(not_like (column a) (text x%))"),
        ("a NOT IN (1, -2)", "(not (in (column a) (number 1) (negative (number 2))))"),
        ("a IS NOT NULL", "(not (is_null (column a)))"),
        ("a BETWEEN 1 AND 2 + 3", "(between (column a) (number 1) (+ (number 2) (number 3)))"),
        (
            "round(a, 2) = coalesce(b, c, 0)",
            "(= (round (column a) (number 2)) (coalesce (column b) (column c) (number 0)))",
        ),
        ("CASE WHEN a THEN 1 ELSE 2 END", "(case (column a) (number 1) (number 2))"),
        ("CASE a WHEN 'x' THEN 1 END", "(case (= (column a) (text x)) (number 1))"),
        ("a < DATE '2026-01-31'", "(< (column a) (date 2026-01-31))"),
        ("product.\"eye colour\" = 'it''s'", "(= (column product.eye colour) (text it's))"),
    ],
)
def test_a_tree_has_what_the_condition_says(condition: str, expected: str) -> None:
    assert shape(parse_condition(condition)) == expected


def test_a_node_knows_its_place_in_the_text() -> None:
    text = "win_rate > 0.5 AND (product.value + 1) BETWEEN 2 AND 30"
    tree = parse_condition(text)

    assert [text[part.start : part.end] for part in tree.parts[1].parts] == ["product.value + 1", "2", "30"]


@pytest.mark.parametrize("condition", ["a IS TRUE", "(1, 2) = 3", "a IN (SELECT 1)", "NULL", "a = b.c.d.e.f"])
def test_what_is_not_in_the_language_is_one_refused_node(condition: str) -> None:
    assert "bad_syntax" in shape(parse_condition(condition))


def test_what_is_nested_too_deep_is_cut_off() -> None:
    assert shape(parse_condition("1" + " + 1" * 200 + " > 3")).count("(+") == MAX_DEPTH - 1
