"""The nodes of a condition that are true or false: comparisons, AND OR NOT, IN, BETWEEN, LIKE, IS NULL."""

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
from sqlglot import exp

from dog.core.rulebook.columns import Bools, Floats, is_null
from dog.core.rulebook.compiler import Compiler, ReadAll, Truth, Values, together
from dog.core.rulebook.text_columns import like as read_pattern
from dog.core.rulebook.text_columns import matched
from dog.errors import InputFault, InvalidPolicy

MAX_LIST = 1000

Test = Callable[[Any, Any], Any]


def _differs(left: Floats, right: Floats) -> Bools:
    # NaN is unequal to everything, but neither less nor greater
    return (left < right) | (left > right)


COMPARISONS: Mapping[type[exp.Expr], tuple[Test, Test]] = {
    exp.EQ: (operator.eq, _differs),
    exp.NEQ: (_differs, operator.eq),
    exp.LT: (operator.lt, operator.ge),
    exp.LTE: (operator.le, operator.gt),
    exp.GT: (operator.gt, operator.le),
    exp.GTE: (operator.ge, operator.lt),
}
"""Tests of two numbers or texts: where the comparison holds, and where it does not; with NaN, neither."""


def compare(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile =, <>, <, <=, > and >= between two values of one kind."""
    left, right = node.args["this"], node.args["expression"]
    values = compiler.alike([left, right])
    if values[0].kind == "boolean" and not isinstance(node, exp.EQ | exp.NEQ):
        raise compiler.fault("wrong_type", left, "{} is true or false: it can only be compared by = and <>")
    holds, fails = COMPARISONS[type(node)]
    if values[0].kind == "text" and isinstance(right, exp.Literal):
        word = right.name
        return of_text(values[0].read, lambda other: holds(other, word))
    if values[0].kind == "number" and isinstance(right, exp.Literal):  # the usual case, with fewer calls
        read, number = values[0].read, float(right.name)
        return Truth(lambda frame: holds(read(frame), number), lambda frame: fails(read(frame), number))
    return compared(together(values), holds, fails)


def compared(read_all: ReadAll, holds: Callable[..., Bools], fails: Callable[..., Bools]) -> Truth:
    """Apply two tests to values read together: where it holds, and where it does not."""
    return Truth(lambda frame: holds(*read_all(frame)[0]), lambda frame: fails(*read_all(frame)[0]))


def of_text(read: Values, holds: Callable[[str], bool]) -> Truth:
    """Apply a test to each text of a vocabulary once; rows look the result up."""
    yes, no = matched(holds), matched(lambda word: not holds(word))
    return Truth(lambda frame: yes(read(frame)), lambda frame: no(read(frame)))


def between(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile `x BETWEEN low AND high`, both ends included."""
    values = compiler.alike([node.args["this"], node.args["low"], node.args["high"]])
    if values[0].kind == "boolean":
        raise compiler.fault("wrong_type", node, "{}: true and false have no order")
    return compared(
        together(values),
        lambda value, low, high: (value >= low) & (value <= high),
        lambda value, low, high: (value < low) | (value > high),
    )


def is_in(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile `x IN (a, b, ...)`."""
    listed = node.expressions
    if not listed:
        raise compiler.fault("bad_syntax", node, "IN needs a list in brackets, such as ('a', 'b')")
    if len(listed) > MAX_LIST:
        raise compiler.fault("too_long", node, f"more than {MAX_LIST:,} values in a list")
    value, *options = compiler.alike([node.this, *listed])
    if all(isinstance(option, exp.Literal) for option in listed):
        if value.kind == "text":
            return of_text(value.read, frozenset(option.name for option in listed).__contains__)
        if value.kind == "number":
            numbers = np.unique([float(option.name) for option in listed])
            return compared(lambda frame: ([value.read(frame)], None), *_among(numbers))  # type: ignore[list-item]  # numbers
    return compared(
        together([value, *options]),
        lambda first, *others: any_of([first == other for other in others]),
        lambda first, *others: all_of([_differs(first, other) for other in others]),
    )


def _among(numbers: Floats) -> tuple[Callable[[Floats], Bools], Callable[[Floats], Bools]]:
    def next_above(values: Floats) -> Floats:
        return numbers[np.minimum(np.searchsorted(numbers, values), len(numbers) - 1)]

    return lambda values: values == next_above(values), lambda values: _differs(values, next_above(values))


def like(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile `x LIKE 'pattern'` and `x NOT LIKE 'pattern'`, which are one node."""
    pattern = _quoted(compiler, node, "LIKE needs its pattern in quotes, such as 'gold%'")
    truth = of_text(compiler.value(node.this, "text").read, read_pattern(pattern))
    return Truth(truth.no, truth.yes) if node.args.get("negate") else truth


def starts_with(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile `starts_with(x, 'prefix')`."""
    prefix = _quoted(compiler, node, "starts_with needs its second argument in quotes")
    return of_text(compiler.value(node.this, "text").read, lambda word: word.startswith(prefix))


def _quoted(compiler: Compiler, node: exp.Expr, message: str) -> str:
    """Return the second argument of a node, which must be a text in quotes."""
    text = node.args["expression"].unnest()
    if not (isinstance(text, exp.Literal) and text.is_string):
        raise compiler.fault("bad_syntax", text, message)
    return text.name


def is_null_node(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile `x IS NULL`, which is never unknown."""
    if not isinstance(node.args["expression"], exp.Null):
        raise compiler.fault("bad_syntax", node, "IS is only for NULL: write IS NULL or IS NOT NULL")
    read = compiler.value(node.this, compiler.kind(node.this)).read
    return Truth(lambda frame: is_null(read(frame)), lambda frame: ~is_null(read(frame)))


def negate(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile NOT; unknown stays unknown."""
    truth = compiler.truth(node.this)
    return Truth(truth.no, truth.yes)


def connect(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile a chain of ANDs or of ORs; the faults of all its parts are collected."""
    truths: list[Truth] = []
    faults: list[InputFault] = []
    for part in node.flatten():
        try:
            depth = compiler.depth
            truths.append(compiler.truth(part))
        except InvalidPolicy as error:
            faults.extend(error.faults)
            compiler.depth = depth
    if faults:
        raise InvalidPolicy(faults[0].message, faults)
    for_yes, for_no = (all_of, any_of) if isinstance(node, exp.And) else (any_of, all_of)
    return Truth(
        lambda frame: for_yes([truth.yes(frame) for truth in truths]),
        lambda frame: for_no([truth.no(frame) for truth in truths]),
    )


def constant(_: Compiler, node: exp.Expr) -> Truth:
    """Compile TRUE and FALSE."""
    yes = np.array([bool(node.this)])
    return Truth(lambda _: yes, lambda _: ~yes)


def all_of(masks: list[Bools]) -> Bools:
    """Return where all masks are set."""
    return reduce(np.bitwise_and, masks)


def any_of(masks: list[Bools]) -> Bools:
    """Return where any mask is set."""
    return reduce(np.bitwise_or, masks)


PREDICATES: Mapping[type[exp.Expr], Callable[[Compiler, exp.Expr], Truth]] = {
    **dict.fromkeys(COMPARISONS, compare),
    exp.Between: between,
    exp.In: is_in,
    exp.Like: like,
    exp.StartsWith: starts_with,
    exp.Is: is_null_node,
    exp.Not: negate,
    exp.And: connect,
    exp.Or: connect,
    exp.Boolean: constant,
}
