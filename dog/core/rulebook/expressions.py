"""The nodes of a condition that have a value: columns, literals, arithmetic, CASE and functions."""

import math
from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np
from sqlglot import exp

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
from dog.core.rulebook.compiler import Compiler, Typed, Values, branches, choose, column_name, together
from dog.core.rulebook.text_columns import folded, from_ranks, remember

MAX_DIGITS = 10

CompileValue = Callable[[Compiler, exp.Expr, Kind | None], Typed]


def column(compiler: Compiler, node: exp.Expr, want: Kind | None) -> Typed:
    """Compile a column; one whose kind follows from its use is null where it has another."""
    name = column_name(node)  # type: ignore[arg-type]  # only columns come here
    try:
        declared = compiler.schema.kind(name)
    except LookupError as unknown:
        slip = isinstance(node.this, exp.Identifier) and node.this.quoted
        hint = f"; text stands in single quotes: '{name}'" if slip else ""
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


def literal(compiler: Compiler, node: exp.Expr, want: Kind | None) -> Typed:
    """Compile a number or a quoted text, which is a date where a date is wanted."""
    if node.is_string and want != "date":
        word = TextColumn.of([node.name])
        return Typed("text", lambda _: word)
    try:
        number = day_number(node.name) if node.is_string else float(node.name)
    except ValueError:  # the parser reads 1e3-2 as one number
        raise compiler.fault("bad_literal", node, "{} is no number; put spaces around + and -") from None
    if not math.isfinite(number):
        message = "{} is no date such as '2026-12-31'" if node.is_string else "{} is too large a number"
        raise compiler.fault("bad_literal", node, message)
    numbers = np.array([number])
    return Typed("date" if node.is_string else "number", lambda _: numbers)


def date_literal(compiler: Compiler, node: exp.Expr, _: Kind | None) -> Typed:
    """Compile `DATE '2026-12-31'`."""
    text = node.this
    if not (node.is_type(exp.DataType.Type.DATE) and isinstance(text, exp.Literal) and text.is_string):
        raise compiler.fault("bad_syntax", node, "{} is not part of the condition language")
    return literal(compiler, text, "date")


def arithmetic(compute: Callable[[Floats, Floats], Floats]) -> CompileValue:
    """Return the compiler of a binary operation on numbers."""

    def compile_operation(compiler: Compiler, node: exp.Expr, _: Kind | None) -> Typed:
        sides = [node.args["this"], node.args["expression"]]
        kinds = [compiler.kind(side) for side in sides]
        wanted, result = _date_arithmetic(type(node), kinds[0], kinds[1])
        values = [compiler.value(side, want) for side, want in zip(sides, wanted, strict=True)]
        first, second = (value.read for value in values)
        return Typed(result, lambda frame: compute(first(frame), second(frame)))  # type: ignore[arg-type]  # no text

    return compile_operation


def _date_arithmetic(
    operation: type[exp.Expr], left: Kind | None, right: Kind | None
) -> tuple[tuple[Kind, Kind], Kind]:
    if operation is exp.Sub and left == "date":
        return (("date", "date"), "number") if right in {"date", "text"} else (("date", "number"), "date")
    if operation is exp.Add and "date" in {left, right}:
        return (("date", "number") if left == "date" else ("number", "date")), "date"
    return ("number", "number"), "number"


def divide(left: Floats, right: Floats) -> Floats:
    """Divide; a division by zero is null, so that the rule does not fire."""
    return left / np.where(right == 0, np.nan, right)


def on_number(compute: Callable[[Floats], Floats]) -> CompileValue:
    """Return the compiler of a function of one number."""

    def compile_function(compiler: Compiler, node: exp.Expr, _: Kind | None) -> Typed:
        read = compiler.value(node.this, "number").read
        return Typed("number", lambda frame: compute(read(frame)))  # type: ignore[arg-type]  # no text

    return compile_function


def on_text(change: Callable[[str], str]) -> CompileValue:
    """Return the compiler of a function of one text."""

    def compile_function(compiler: Compiler, node: exp.Expr, _: Kind | None) -> Typed:
        read, fold = compiler.value(node.this, "text").read, folded(change)
        return Typed("text", lambda frame: fold(read(frame)))

    return compile_function


def rounded(compiler: Compiler, node: exp.Expr, want: Kind | None) -> Typed:
    """Compile `round(x)` and `round(x, digits)`; halves are rounded away from zero, as in SQL."""
    digits = node.args.get("decimals") or exp.Literal.number(0)
    if not (isinstance(digits, exp.Literal) and digits.is_int and int(digits.name) <= MAX_DIGITS):
        raise compiler.fault("bad_literal", digits, f"round takes 0 to {MAX_DIGITS} digits, not {{}}")
    places = int(digits.name)
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

    def compile_function(compiler: Compiler, node: exp.Expr, want: Kind | None) -> Typed:
        return choose(compiler.alike(branches(node), want), lambda columns: reduce(pick, columns))

    return compile_function


def first_known(left: Floats, right: Floats) -> Floats:
    """Return the left value, or the right one where the left is null."""
    return np.where(np.isnan(left), right, left)


def case(compiler: Compiler, node: exp.Expr, want: Kind | None) -> Typed:
    """Compile `CASE WHEN c THEN v ... ELSE v END` and `CASE x WHEN v THEN ...`; without ELSE it is null."""
    subject, ifs = node.args.get("this"), node.args["ifs"]
    tests = [exp.EQ(this=subject, expression=branch.this) if subject else branch.this for branch in ifs]
    truths = [compiler.truth(test) for test in tests]
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


EXPRESSIONS: Mapping[type[exp.Expr], CompileValue] = {
    exp.Column: column,
    exp.Literal: literal,
    exp.Cast: date_literal,
    exp.Add: arithmetic(np.add),
    exp.Sub: arithmetic(np.subtract),
    exp.Mul: arithmetic(np.multiply),
    exp.Div: arithmetic(divide),
    exp.Neg: on_number(np.negative),
    exp.Abs: on_number(np.abs),
    exp.Round: rounded,
    # NULL is ignored, as in PostgreSQL and DuckDB
    exp.Greatest: chosen(np.fmax),
    exp.Least: chosen(np.fmin),
    exp.Coalesce: chosen(first_known),
    exp.Case: case,
    exp.Lower: on_text(str.lower),
    exp.Upper: on_text(str.upper),
}
