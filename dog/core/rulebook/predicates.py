"""The nodes of a condition that are true or false: comparisons, AND OR NOT, IN, BETWEEN, LIKE, IS NULL."""

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, TypeVar

import numpy as np

from dog.core.rulebook.columns import Bools, Floats, is_null
from dog.core.rulebook.compiler import Compiler, ReadAll, Truth, Values, together
from dog.core.rulebook.condition_tree import Node
from dog.core.rulebook.text_columns import like as read_pattern
from dog.core.rulebook.text_columns import matched
from dog.errors import InputFault, InvalidPolicy

MAX_LIST = 1000

Compiled = TypeVar("Compiled")
Test = Callable[[Any, Any], Any]


def _differs(left: Floats, right: Floats) -> Bools:
    # NaN is unequal to everything, but neither less nor greater
    return (left < right) | (left > right)


COMPARISONS: Mapping[str, tuple[Test, Test]] = {
    "=": (operator.eq, _differs),
    "<>": (_differs, operator.eq),
    "<": (operator.lt, operator.ge),
    "<=": (operator.le, operator.gt),
    ">": (operator.gt, operator.le),
    ">=": (operator.ge, operator.lt),
}
"""Tests of two numbers or texts: where the comparison holds, and where it does not; with NaN, neither."""


def compare(compiler: Compiler, node: Node) -> Truth:
    """Compile =, <>, <, <=, > and >= between two values of one kind."""
    left, right = node.parts
    values = compiler.alike([left, right])
    if values[0].kind == "boolean" and node.kind not in {"=", "<>"}:
        raise compiler.fault("wrong_type", left, "{} is true or false: it can only be compared by = and <>")
    holds, fails = COMPARISONS[node.kind]
    if values[0].kind == "text" and right.kind == "text":
        word = right.text
        return of_text(values[0].read, lambda other: holds(other, word))
    if values[0].kind == "number" and right.kind == "number":  # the usual case, with fewer calls
        read, number = values[0].read, float(right.text)
        return Truth(lambda frame: holds(read(frame), number), lambda frame: fails(read(frame), number))
    return compared(together(values), holds, fails)


def compared(read_all: ReadAll, holds: Callable[..., Bools], fails: Callable[..., Bools]) -> Truth:
    """Apply two tests to values read together: where it holds, and where it does not."""
    return Truth(lambda frame: holds(*read_all(frame)[0]), lambda frame: fails(*read_all(frame)[0]))


def of_text(read: Values, holds: Callable[[str], bool]) -> Truth:
    """Apply a test to each text of a vocabulary once; rows look the result up."""
    yes, no = matched(holds), matched(lambda word: not holds(word))
    return Truth(lambda frame: yes(read(frame)), lambda frame: no(read(frame)))


def between(compiler: Compiler, node: Node) -> Truth:
    """Compile `x BETWEEN low AND high`, both ends included."""
    values = compiler.alike(node.parts)
    if values[0].kind == "boolean":
        raise compiler.fault("wrong_type", node, "{}: true and false have no order")
    return compared(
        together(values),
        lambda value, low, high: (value >= low) & (value <= high),
        lambda value, low, high: (value < low) | (value > high),
    )


def is_in(compiler: Compiler, node: Node) -> Truth:
    """Compile `x IN (a, b, ...)`."""
    listed = node.parts[1:]
    if len(listed) > MAX_LIST:
        raise compiler.fault("too_long", node, f"more than {MAX_LIST:,} values in a list")
    value, *options = compiler.alike(node.parts)
    if all(option.kind == value.kind for option in listed):
        if value.kind == "text":
            return of_text(value.read, frozenset(option.text for option in listed).__contains__)
        if value.kind == "number":
            numbers = np.unique([float(option.text) for option in listed])
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


def like(compiler: Compiler, node: Node) -> Truth:
    """Compile `x LIKE 'pattern'` and `x NOT LIKE 'pattern'`, which are one node."""
    pattern = _quoted(compiler, node, "LIKE needs its pattern in quotes, such as 'gold%'")
    truth = of_text(compiler.value(node.parts[0], "text").read, read_pattern(pattern))
    return Truth(truth.no, truth.yes) if node.kind == "not_like" else truth


def starts_with(compiler: Compiler, node: Node) -> Truth:
    """Compile `starts_with(x, 'prefix')`."""
    prefix = _quoted(compiler, node, "starts_with needs its second argument in quotes")
    return of_text(compiler.value(node.parts[0], "text").read, lambda word: word.startswith(prefix))


def _quoted(compiler: Compiler, node: Node, message: str) -> str:
    """Return the second argument of a node, which must be a text in quotes."""
    pattern = node.parts[1]
    if pattern.kind != "text":
        raise compiler.fault("bad_syntax", pattern, message)
    return pattern.text


def is_missing(compiler: Compiler, node: Node) -> Truth:
    """Compile `x IS NULL`, which is never unknown."""
    operand = node.parts[0]
    read = compiler.value(operand, compiler.kind(operand)).read
    return Truth(lambda frame: is_null(read(frame)), lambda frame: ~is_null(read(frame)))


def negate(compiler: Compiler, node: Node) -> Truth:
    """Compile NOT; unknown stays unknown."""
    truth = compiler.truth(node.parts[0])
    return Truth(truth.no, truth.yes)


def connect(compiler: Compiler, node: Node) -> Truth:
    """Compile a chain of ANDs or of ORs; the faults of all its parts are collected."""
    return chained(node.kind, compile_each(node.parts, compiler.truth))


def compile_each(nodes: Sequence[Node], compile_one: Callable[[Node], Compiled]) -> list[Compiled]:
    """Compile nodes, or raise the faults of all of them."""
    compiled: list[Compiled] = []
    faults: list[InputFault] = []
    for node in nodes:
        try:
            compiled.append(compile_one(node))
        except InvalidPolicy as error:
            faults.extend(error.faults)
    if faults:
        raise InvalidPolicy(faults[0].message, faults)
    return compiled


def chained(kind: str, truths: Sequence[Truth]) -> Truth:
    """Return the truth of a chain of ANDs or of ORs."""
    for_yes, for_no = (all_of, any_of) if kind == "and" else (any_of, all_of)
    return Truth(
        lambda frame: for_yes([truth.yes(frame) for truth in truths]),
        lambda frame: for_no([truth.no(frame) for truth in truths]),
    )


def constant(_: Compiler, node: Node) -> Truth:
    """Compile TRUE and FALSE."""
    yes = np.array([node.text == "true"])
    return Truth(lambda _: yes, lambda _: ~yes)


def all_of(masks: list[Bools]) -> Bools:
    """Return where all masks are set."""
    return reduce(np.bitwise_and, masks)


def any_of(masks: list[Bools]) -> Bools:
    """Return where any mask is set."""
    return reduce(np.bitwise_or, masks)


PREDICATES: Mapping[str, Callable[[Compiler, Node], Truth]] = {
    **dict.fromkeys(COMPARISONS, compare),
    "between": between,
    "in": is_in,
    "like": like,
    "not_like": like,
    "starts_with": starts_with,
    "is_null": is_missing,
    "not": negate,
    "and": connect,
    "or": connect,
    "boolean": constant,
}
