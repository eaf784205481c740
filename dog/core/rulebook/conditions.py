"""Conditions: SQL boolean expressions, compiled once, read many times.

Three-valued as in SQL: a condition is true, false, or unknown where a column that decides it is null.
docs/reference/conditions.md describes the language and its limits.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from dog.core.bounded_cache import remember
from dog.core.kernels.rank_by_rules import FALSE, TRUE, UNKNOWN
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Bools, Frame, Kind
from dog.core.rulebook.compiler import Compiler, Truth
from dog.core.rulebook.condition_tree import Node
from dog.core.rulebook.expressions import EXPRESSIONS
from dog.core.rulebook.known_trees import MAX_KNOWN, condition_tree
from dog.core.rulebook.predicates import PREDICATES, chained, compile_each
from dog.core.rulebook.programs import Program, program_of

CALCULATES = re.compile(r"[-+*/]|\bcase\b", re.IGNORECASE)
"""Operators that make nulls of values that are none. A match in a text literal changes no result."""

_sound: dict[str, tuple[tuple[str, Kind | None], ...]] = {}
"""Conditions that were compiled, with the columns that each reads, and their kinds then."""

Level = Literal["product", "request", "option"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A condition, or one part of a chain of ANDs."""

    reads: frozenset[str]  # full names of the columns it reads
    truth: Truth
    compiler: Compiler
    node: Node

    @property
    def program(self) -> Program | None:
        """Compile it to steps for the kernel, which conditions on options need; None with text of several sources."""
        return program_of(replace(self.compiler, reads=set()), self.node)

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
    parts = compile_each(tree.parts if tree.kind == "and" else (tree,), partial(_part, compiler))
    whole = parts[0] if len(parts) == 1 else _chain(compiler, tree, parts)
    columns, calculates = tuple(sorted(whole.reads)), CALCULATES.search(text) is not None
    remember(_sound, text, tuple((name, schema.kind(name)) for name in columns), most=MAX_KNOWN)
    return Condition(text=text, whole=whole, parts=tuple(parts), columns=columns, calculates=calculates)


def check_condition(text: str, schema: ColumnSchema) -> None:
    """Raise as `compile_condition` does, which is called only if the text was not compiled with such columns before."""
    kinds = _sound.get(text)
    with suppress(LookupError):  # a column that is gone
        if kinds is not None and all(schema.kind(name) == kind for name, kind in kinds):
            return
    compile_condition(text, schema)


def _part(compiler: Compiler, node: Node) -> Part:
    own = replace(compiler, reads=set())
    truth = own.truth(node)
    return Part(reads=frozenset(own.reads), truth=truth, compiler=compiler, node=node)


def _chain(compiler: Compiler, node: Node, parts: list[Part]) -> Part:
    reads = frozenset[str]().union(*(part.reads for part in parts))
    return Part(reads=reads, truth=chained("and", [part.truth for part in parts]), compiler=compiler, node=node)
