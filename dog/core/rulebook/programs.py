"""Programs: conditions on options as steps that a kernel runs over all options at once.

What reads products alone, or contact and context alone, is a single step: its values are known before the options
are. Text cannot be in a program: a condition that compares a text of products with one of contacts has none.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dog.core.kernels import run_programs as kernel
from dog.core.rulebook.column_schema import OPTION_COLUMNS
from dog.core.rulebook.columns import Frame, Kind
from dog.core.rulebook.compiler import Compiler, Values, branches, case_tests
from dog.core.rulebook.condition_tree import Node
from dog.core.rulebook.expressions import kinds_of_operands

COMPARISONS = {
    "=": kernel.EQUAL,
    "<>": kernel.UNEQUAL,
    "<": kernel.LESS,
    "<=": kernel.AT_MOST,
    ">": kernel.MORE,
    ">=": kernel.AT_LEAST,
}
ARITHMETIC = {"+": kernel.PLUS, "-": kernel.MINUS, "*": kernel.TIMES, "/": kernel.OVER}
CHOICES = {"greatest": kernel.GREATEST, "least": kernel.LEAST, "coalesce": kernel.FIRST_KNOWN}
ONE_ROW = Frame(1)


class Step(NamedTuple):
    """One step of a program."""

    operation: int  # as the kernel numbers them
    number: float = 0.0
    column: str = ""  # full name of the column of options that is read
    values: Values | None = None  # what is read of products, or of contact and context
    reads: tuple[str, ...] = ()  # full names of the columns of contact and context that `values` reads


Program = tuple[Step, ...]


class NoProgram(Exception):
    """A condition cannot be written as a program: it is about text of several sources."""


def program_of(compiler: Compiler, node: Node) -> Program | None:
    """Return the program of a sound condition; None where it has none."""
    try:
        return tuple(_truth(compiler, node))
    except NoProgram:
        return None


def height_of(program: Sequence[Step]) -> int:
    """Return how many numbers a program holds at a time at most.

    >>> height_of((Step(kernel.NUMBER), Step(kernel.NUMBER), Step(kernel.PLUS)))
    2

    """
    height = highest = 0
    for step in program:
        height += 1 - _taken(step.operation)
        highest = max(highest, height)
    return highest


def is_of_options(column: str) -> bool:
    """Return whether a column, by its full name, is one of options; all of them hold numbers."""
    return column.startswith(("score.", "days_since.")) or column in OPTION_COLUMNS


def _taken(operation: int) -> int:
    """Return how many rows a step takes from the stack for the one that it puts there."""
    if operation <= kernel.OF_CONTACT:
        return 0
    if operation <= kernel.ROUND:
        return 1
    return 3 if operation in (kernel.WHEN, kernel.BETWEEN) else 2  # OR_EQUAL takes three and puts two


def _truth(compiler: Compiler, node: Node) -> list[Step]:
    steps = _value(compiler, node, "boolean")
    return steps if node.kind in compiler.predicates else [*steps, Step(kernel.AS_TRUTH)]


def _value(compiler: Compiler, node: Node, want: Kind | None) -> list[Step]:
    """Return the steps of a value of a kind; those of what is true, false or unknown put 1, 0 or NaN."""
    roots = {column.partition(".")[0] for column in _columns(node)}
    if not roots:
        with np.errstate(all="ignore"):
            known: np.ndarray = _read(compiler, node, want)(ONE_ROW)  # type: ignore[assignment]  # no text
        return [Step(kernel.NUMBER, float(known[0]))]
    if roots == {"product"}:
        return [Step(kernel.OF_PRODUCT, values=_read(compiler, node, want))]
    if roots <= {"contact", "context"}:
        return [Step(kernel.OF_CONTACT, values=_read(compiler, node, want), reads=tuple(sorted(_columns(node))))]
    if node.kind not in STEPS:
        raise NoProgram
    return STEPS[node.kind](compiler, node, want)


def _columns(node: Node) -> set[str]:
    """Return the full names of the columns that a node reads."""
    return {node.text} if node.kind == "column" else set[str]().union(*map(_columns, node.parts))


def _read(compiler: Compiler, node: Node, want: Kind | None) -> Values:
    typed = compiler.value(node, want)
    if typed.kind == "text":
        raise NoProgram
    return typed.read


def _column(_: Compiler, node: Node, want: Kind | None) -> list[Step]:
    if want == "text":
        raise NoProgram
    return [Step(kernel.COLUMN, column=node.text)]


def _alike(compiler: Compiler, nodes: Sequence[Node], want: Kind | None = None) -> list[list[Step]]:
    """Return the steps of values that are of one kind."""
    kind = compiler.kind_of(nodes, want)
    return [_value(compiler, node, kind) for node in nodes]


def _compare(compiler: Compiler, node: Node, _: Kind | None) -> list[Step]:
    left, right = _alike(compiler, node.parts)
    return [*left, *right, Step(COMPARISONS[node.kind])]


def _between(compiler: Compiler, node: Node, _: Kind | None) -> list[Step]:
    value, low, high = _alike(compiler, node.parts)
    return [*value, *low, *high, Step(kernel.BETWEEN)]


def _is_in(compiler: Compiler, node: Node, _: Kind | None) -> list[Step]:
    value, *listed = _alike(compiler, node.parts)
    tests = [step for other in listed for step in (*other, Step(kernel.OR_EQUAL))]
    return [Step(kernel.NUMBER, 0.0), *value, *tests, Step(kernel.DROP)]


def _is_null(compiler: Compiler, node: Node, _: Kind | None) -> list[Step]:
    operand = node.parts[0]
    return [*_value(compiler, operand, compiler.kind(operand)), Step(kernel.IS_NULL)]


def _not(compiler: Compiler, node: Node, _: Kind | None) -> list[Step]:
    return [*_truth(compiler, node.parts[0]), Step(kernel.NOT)]


def _chain(operation: int) -> Callable[[Compiler, Node, Kind | None], list[Step]]:
    """Return what writes a chain of ANDs or of ORs."""
    return lambda compiler, node, _: joined(operation, [_truth(compiler, part) for part in node.parts])


def joined(operation: int, values: Sequence[Sequence[Step]]) -> list[Step]:
    """Return one program of several, joined by an operation on two rows."""
    first, *others = values
    return [*first, *(step for other in others for step in (*other, Step(operation)))]


def _arithmetic(compiler: Compiler, node: Node, _: Kind | None) -> list[Step]:
    kinds = kinds_of_operands(compiler, node)[0]
    left, right = (_value(compiler, side, kind) for side, kind in zip(node.parts, kinds, strict=True))
    return [*left, *right, Step(ARITHMETIC[node.kind])]


def _of_number(operation: int) -> Callable[[Compiler, Node, Kind | None], list[Step]]:
    """Return what writes a function of one number."""
    return lambda compiler, node, _: [*_value(compiler, node.parts[0], "number"), Step(operation)]


def _round(compiler: Compiler, node: Node, _: Kind | None) -> list[Step]:
    digits = int(node.parts[1].text) if len(node.parts) > 1 else 0
    return [*_value(compiler, node.parts[0], "number"), Step(kernel.ROUND, 10.0**digits)]


def _choice(compiler: Compiler, node: Node, want: Kind | None) -> list[Step]:
    return joined(CHOICES[node.kind], _alike(compiler, node.parts, want))


def _case(compiler: Compiler, node: Node, want: Kind | None) -> list[Step]:
    tests, values = case_tests(node), _alike(compiler, branches(node), want)
    steps = values[-1] if len(values) > len(tests) else [Step(kernel.NUMBER, np.nan)]
    for test, value in zip(reversed(tests), reversed(values[: len(tests)]), strict=True):
        steps = [*steps, *value, *_truth(compiler, test), Step(kernel.WHEN)]
    return steps


STEPS: Mapping[str, Callable[[Compiler, Node, Kind | None], list[Step]]] = {
    "column": _column,
    **dict.fromkeys(COMPARISONS, _compare),
    "between": _between,
    "in": _is_in,
    "is_null": _is_null,
    "not": _not,
    "and": _chain(kernel.AND),
    "or": _chain(kernel.OR),
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    "negative": _of_number(kernel.NEGATIVE),
    "abs": _of_number(kernel.ABSOLUTE),
    "round": _round,
    **dict.fromkeys(CHOICES, _choice),
    "case": _case,
}
"""What writes each kind of node; what is only about text is in no program."""
