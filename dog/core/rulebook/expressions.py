"""The nodes of a condition that have a value: columns, literals, arithmetic, CASE and functions."""

import math
from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np

from dog.core.rulebook.columns import (
    NULL_NUMBER,
    NULL_TEXT,
    Column,
    Floats,
    Frame,
    Kind,
    TextColumn,
    day_number,
)
from dog.core.rulebook.compiler import Compiler, Typed, Values, branches, case_tests, choose, together
from dog.core.rulebook.condition_tree import Node
from dog.core.rulebook.text_columns import folded, from_ranks, remember

MAX_DIGITS = 10

CompileValue = Callable[[Compiler, Node, Kind | None], Typed]


def column(compiler: Compiler, node: Node, want: Kind | None) -> Typed:
    """Compile a column; one whose kind follows from its use is null where it has another."""
    name = node.text
    try:
        declared = compiler.schema.kind(name)
    except LookupError as unknown:
        hint = f"; text needs single quotes: '{name}'" if compiler.text[node.end - 1] == '"' else ""
        raise compiler.fault("unknown_column", node, f"{unknown.args[0]}{hint}".replace("{", "{{")) from None
    compiler.reads.add(name)
    if declared is None and want is None:
        return Typed("number", lambda frame: frame.columns.get(name, NULL_NUMBER))
    kind = declared or want or "number"
    if kind == "date":
        return Typed(kind, _read_dates(name))
    return Typed(kind, _read_column(name, NULL_TEXT if kind == "text" else NULL_NUMBER))


def _read_column(name: str, null: Column) -> Values:
    """Read a column; one that is missing, or is not of the kind of `null`, is `null`."""
    of_kind = type(null)

    def read(frame: Frame) -> Column:
        found = frame.columns.get(name, null)
        return found if isinstance(found, of_kind) else null

    return read


def _read_dates(name: str) -> Values:
    days = remember(lambda words: np.array([*map(day_number, words), np.nan]))

    def read(frame: Frame) -> Column:
        found = frame.columns.get(name, NULL_NUMBER)
        return days(found.vocabulary)[found.codes] if isinstance(found, TextColumn) else found

    return read


def number_literal(compiler: Compiler, node: Node, _: Kind | None) -> Typed:
    """Compile a number."""
    try:
        number = float(node.text)
    except ValueError:  # the parser reads 1e3-2 as one number
        raise compiler.fault("bad_literal", node, "{} is not a number; put spaces around + and -") from None
    if not math.isfinite(number):
        raise compiler.fault("bad_literal", node, "{} is too large a number")
    return constant("number", number)


def text_literal(compiler: Compiler, node: Node, want: Kind | None) -> Typed:
    """Compile a quoted text, which is a date where a date is wanted."""
    if want == "date":
        return date_literal(compiler, node, want)
    word = TextColumn.of([node.text])
    return Typed("text", lambda _: word)


def date_literal(compiler: Compiler, node: Node, _: Kind | None) -> Typed:
    """Compile `DATE '2026-12-31'`."""
    number = day_number(node.text)
    if math.isnan(number):
        raise compiler.fault("bad_literal", node, "{} is not a date such as '2026-12-31'")
    return constant("date", number)


def constant(kind: Kind, number: float) -> Typed:
    """Return a value that is the same in all rows."""
    numbers = np.array([number])
    return Typed(kind, lambda _: numbers)


def arithmetic(compute: Callable[[Floats, Floats], Floats]) -> CompileValue:
    """Return the compiler of a binary operation on numbers."""

    def compile_operation(compiler: Compiler, node: Node, _: Kind | None) -> Typed:
        wanted, result = kinds_of_operands(compiler, node)
        values = [compiler.value(side, want) for side, want in zip(node.parts, wanted, strict=True)]
        first, second = (value.read for value in values)
        return Typed(result, lambda frame: compute(first(frame), second(frame)))  # type: ignore[arg-type]  # no text

    return compile_operation


def kinds_of_operands(compiler: Compiler, node: Node) -> tuple[tuple[Kind, Kind], Kind]:
    """Return the kinds that the two operands of arithmetic must have, and the kind of the result."""
    operation, (left, right) = node.kind, map(compiler.kind, node.parts)
    if operation == "-" and left == "date":
        return (("date", "date"), "number") if right in {"date", "text"} else (("date", "number"), "date")
    if operation == "+" and "date" in {left, right}:
        return (("date", "number") if left == "date" else ("number", "date")), "date"
    return ("number", "number"), "number"


def divide(left: Floats, right: Floats) -> Floats:
    """Divide; a division by zero is null, so that the rule does not fire."""
    return left / np.where(right == 0, np.nan, right)


def on_number(compute: Callable[[Floats], Floats]) -> CompileValue:
    """Return the compiler of a function of one number."""

    def compile_function(compiler: Compiler, node: Node, _: Kind | None) -> Typed:
        read = compiler.value(node.parts[0], "number").read
        return Typed("number", lambda frame: compute(read(frame)))  # type: ignore[arg-type]  # no text

    return compile_function


def on_text(change: Callable[[str], str]) -> CompileValue:
    """Return the compiler of a function of one text."""

    def compile_function(compiler: Compiler, node: Node, _: Kind | None) -> Typed:
        read, fold = compiler.value(node.parts[0], "text").read, folded(change)
        return Typed("text", lambda frame: fold(read(frame)))

    return compile_function


def rounded(compiler: Compiler, node: Node, want: Kind | None) -> Typed:
    """Compile `round(x)` and `round(x, digits)`; halves are rounded away from zero, as in SQL."""
    places = 0
    for digits in node.parts[1:]:
        if not (digits.kind == "number" and digits.text.isdecimal() and int(digits.text) <= MAX_DIGITS):
            raise compiler.fault("bad_literal", digits, f"round takes 0 to {MAX_DIGITS} digits, not {{}}")
        places = int(digits.text)
    return on_number(lambda numbers: round_half_away(numbers, places))(compiler, node, want)


def round_half_away(numbers: Floats, digits: int) -> Floats:
    """Round halves away from zero as SQL does; numpy rounds them to even.

    >>> round_half_away(np.array([0.5, -2.5, 1.25]), 0)
    array([ 1., -3.,  1.])

    """
    scaled = numbers * 10.0**digits
    whole = np.trunc(scaled)
    away: Floats = (whole + np.sign(scaled) * (np.abs(scaled - whole) >= 0.5)) / 10.0**digits
    return away


def chosen(pick: Callable[[Floats, Floats], Floats]) -> CompileValue:
    """Return the compiler of a function that chooses one of its arguments."""

    def compile_function(compiler: Compiler, node: Node, want: Kind | None) -> Typed:
        return choose(compiler.alike(branches(node), want), lambda columns: reduce(pick, columns))

    return compile_function


def first_known(left: Floats, right: Floats) -> Floats:
    """Return the left value, or the right one where the left is null."""
    return np.where(np.isnan(left), right, left)


def case(compiler: Compiler, node: Node, want: Kind | None) -> Typed:
    """Compile `CASE WHEN c THEN v ... ELSE v END`; without ELSE it is null."""
    truths = [compiler.truth(test) for test in case_tests(node)]
    values = compiler.alike(branches(node), want)
    read_all = together(values)
    has_else = len(values) > len(truths)

    def read(frame: Frame) -> Column:
        columns, words = read_all(frame)
        answer = columns[-1] if has_else else NULL_NUMBER
        for truth, value in zip(reversed(truths), reversed(columns[: len(truths)]), strict=True):
            answer = np.where(truth.yes(frame), value, answer)
        return answer if words is None else from_ranks(answer, words)

    return Typed(values[0].kind, read)


EXPRESSIONS: Mapping[str, CompileValue] = {
    "column": column,
    "number": number_literal,
    "text": text_literal,
    "date": date_literal,
    "+": arithmetic(np.add),
    "-": arithmetic(np.subtract),
    "*": arithmetic(np.multiply),
    "/": arithmetic(divide),
    "negative": on_number(np.negative),
    "abs": on_number(np.abs),
    "round": rounded,
    # NULL is ignored, as in PostgreSQL and DuckDB
    "greatest": chosen(np.fmax),
    "least": chosen(np.fmin),
    "coalesce": chosen(first_known),
    "case": case,
    "lower": on_text(str.lower),
    "upper": on_text(str.upper),
}
