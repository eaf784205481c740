"""Parts of conditions that compare one column of options with a number: the kernel tests these itself."""

from typing import NamedTuple

from dog.core.kernels.rank_by_rules import AT_LEAST, AT_MOST, EQUAL, LESS, MORE, NOT_NULL, NULL, UNEQUAL
from dog.core.rulebook.column_schema import OPTION_COLUMNS
from dog.core.rulebook.condition_tree import Node

TESTS = {"=": EQUAL, "<>": UNEQUAL, "<": LESS, "<=": AT_MOST, ">": MORE, ">=": AT_LEAST}
MIRRORED = {EQUAL: EQUAL, UNEQUAL: UNEQUAL, LESS: MORE, AT_MOST: AT_LEAST, MORE: LESS, AT_LEAST: AT_MOST}
"""`5 < x` is `x > 5`."""
OPPOSITE = {
    EQUAL: UNEQUAL,
    UNEQUAL: EQUAL,
    LESS: AT_LEAST,
    AT_MOST: MORE,
    MORE: AT_MOST,
    AT_LEAST: LESS,
    NULL: NOT_NULL,
    NOT_NULL: NULL,
}
"""`NOT x < 5` is `x >= 5`: of null both are unknown."""


class Clause(NamedTuple):
    """A test of one column of options."""

    column: str  # full name, such as `score.churn`
    test: int  # as the kernel numbers them
    number: float = 0.0


def clauses_of(node: Node) -> tuple[Clause, ...]:
    """Return a condition as clauses that must all hold; empty where it is no such condition.

    >>> from dog.core.rulebook.known_trees import condition_tree
    >>> clauses_of(condition_tree("pitches BETWEEN 1 AND 3"))
    (Clause(column='pitches', test=5, number=1.0), Clause(column='pitches', test=3, number=3.0))

    """
    if node.kind in TESTS:
        left, right = node.parts
        test = TESTS[node.kind]
        if _is_column(right):
            left, right, test = right, left, MIRRORED[test]
        number = _number(right)
        return (Clause(left.text, test, number),) if _is_column(left) and number is not None else ()
    if node.kind == "between":
        column, low, high = node.parts[0], _number(node.parts[1]), _number(node.parts[2])
        if not _is_column(column) or low is None or high is None:
            return ()
        return Clause(column.text, AT_LEAST, low), Clause(column.text, AT_MOST, high)
    if node.kind == "is_null" and _is_column(node.parts[0]):
        return (Clause(node.parts[0].text, NULL),)
    if node.kind == "not" and len(found := clauses_of(node.parts[0])) == 1:
        return (found[0]._replace(test=OPPOSITE[found[0].test]),)
    return ()


def _is_column(node: Node) -> bool:
    """Return whether a node is a column of options; all of them hold numbers."""
    return node.kind == "column" and (node.text.startswith(("score.", "days_since.")) or node.text in OPTION_COLUMNS)


def _number(node: Node) -> float | None:
    if node.kind == "negative":
        number = _number(node.parts[0])
        return None if number is None else -number
    return float(node.text) if node.kind == "number" else None
