"""Conditions: SQL boolean expressions, compiled once, read many times.

Three-valued as in SQL: a condition is true, false, or unknown where a column that decides it is null.
docs/rules.md describes the language and its limits.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dog.core.kernels.rank_by_rules import FALSE, TRUE, UNKNOWN
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Bools, Frame
from dog.core.rulebook.compiler import Compiler, Truth
from dog.core.rulebook.condition_tree import Node
from dog.core.rulebook.expressions import EXPRESSIONS
from dog.core.rulebook.known_trees import condition_tree
from dog.core.rulebook.predicates import PREDICATES
from dog.core.rulebook.programs import Program, program_of

CALCULATES = re.compile(r"[-+*/]|\bcase\b", re.IGNORECASE)
"""Operators that make nulls of values that are none. A match in a text literal changes no result."""

Level = Literal["product", "request", "option"]


@dataclass(frozen=True, slots=True)
class Part:
    """A condition, or one part of a chain of ANDs."""

    reads: frozenset[str]  # full names of the columns it reads
    truth: Truth
    program: Program | None  # the same as steps for the kernel; None where it has text of several sources

    @property
    def level(self) -> Level:
        """Return what it must be evaluated for: each `product` of a catalogue, each `request`, or each `option`."""
        roots = {name.partition(".")[0] for name in self.reads}
        if roots <= {"contact", "context"}:
            return "request"
        return "product" if roots == {"product"} else "option"

    def states(self, frame: Frame) -> np.ndarray:
        """Return FALSE, UNKNOWN or TRUE for each row, shape (rows,), or (1,) where all rows agree."""
        with np.errstate(all="ignore"):
            yes, no = self.truth.yes(frame), self.truth.no(frame)
        return np.where(yes, TRUE, np.where(no, FALSE, UNKNOWN)).astype(np.int8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A compiled condition."""

    text: str  # as written
    whole: Part
    parts: tuple[Part, ...]  # it holds where all of them do
    columns: tuple[str, ...]  # full names of the columns it reads, in order
    calculates: bool  # whether it may make nulls of values that are none

    @property
    def reads(self) -> frozenset[str]:
        """Full names of the columns it reads."""
        return self.whole.reads

    @property
    def level(self) -> Level:
        """Return what it must be evaluated for."""
        return self.whole.level

    def masks(self, frame: Frame) -> tuple[Bools, Bools]:
        """Evaluate the condition; missing columns are null.

        Returns
        -------
        Where it is true and where it is false, shape (rows,), or (1,) where all rows agree; else it is unknown.

        Examples
        --------
        >>> condition = compile_condition("NOT product.value > 10", ColumnSchema())
        >>> yes, no = condition.masks(Frame(3, {"product.value": np.array([5.0, 20.0, np.nan])}))
        >>> yes.tolist(), no.tolist()
        ([True, False, False], [False, True, False])

        """
        states = self.whole.states(frame)
        return states == TRUE, states == FALSE


def compile_condition(text: str, schema: ColumnSchema) -> Condition:
    """Compile a condition with the columns that exist.

    Parameters
    ----------
    text
        SQL boolean expression, at most 2,000 characters.
    schema
        The columns that it may name, and their kinds.

    Raises
    ------
    InvalidPolicy
        The condition is not in the language, or wrongly typed. The `column` of each fault is its place in the text,
        from 1; its pointer is empty.

    Examples
    --------
    >>> compile_condition("product.catgory = 'fax'", ColumnSchema(product={}))
    Traceback (most recent call last):
    ...
    dog.errors.InvalidPolicy: unknown column product.catgory; did you mean product.category?

    """
    tree = condition_tree(text)
    compiler = Compiler(text, schema, predicates=PREDICATES, expressions=EXPRESSIONS)
    whole = _part(compiler, tree)
    parts = tuple(_part(compiler, part) for part in tree.parts) if tree.kind == "and" else (whole,)
    columns, calculates = tuple(sorted(whole.reads)), CALCULATES.search(text) is not None
    return Condition(text=text, whole=whole, parts=parts, columns=columns, calculates=calculates)


def _part(compiler: Compiler, node: Node) -> Part:
    own = replace(compiler, reads=set())
    truth = own.truth(node)
    return Part(reads=frozenset(own.reads), truth=truth, program=program_of(replace(own, reads=set()), node))
