"""Conditions: SQL boolean expressions, compiled once, read many times.

Three-valued as in SQL: a condition is true, false, or unknown where a column that decides it is null.
docs/rules.md describes the language and its limits.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Bools, Frame
from dog.core.rulebook.compiler import Compiler, Mask, Truth
from dog.core.rulebook.condition_tree import Node
from dog.core.rulebook.expressions import EXPRESSIONS
from dog.core.rulebook.known_trees import condition_tree
from dog.core.rulebook.predicates import PREDICATES, all_of

CALCULATES = re.compile(r"[-+*/]|\bcase\b", re.IGNORECASE)
"""Operators that make nulls of values that are none. A match in a text literal costs time, but changes no result."""

Level = Literal["product", "request", "option"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A compiled condition."""

    text: str  # as written
    reads: frozenset[str]  # full names of the columns it reads
    truth: Truth  # the closures; use `masks`
    # the part that reads products alone: the condition, or parts of a chain of ANDs; None where there is none
    of_product: Mask | None
    rest: Mask | None  # the other part; None where there is none
    calculates: bool  # whether it may make nulls of values that are none

    @property
    def level(self) -> Level:
        """Return what it must be evaluated for: each `product` of a catalogue, each `request`, or each `option`."""
        roots = _roots(self.reads)
        if roots <= {"contact", "context"}:
            return "request"
        return "product" if roots == {"product"} else "option"

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
        with np.errstate(all="ignore"):
            return self.truth.yes(frame), self.truth.no(frame)

    def unknown(self, frame: Frame) -> Bools:
        """Return where it is neither true nor false, shape as of `masks`."""
        yes, no = self.masks(frame)
        return ~(yes | no)

    def may_be_unknown(self, with_nulls: Collection[str]) -> bool:
        """Return whether it can be unknown where only these columns have nulls; else `unknown` need not run."""
        return self.calculates or not self.reads.isdisjoint(with_nulls)

    def nulls(self, frame: Frame, row: int) -> tuple[str, ...]:
        """Return the columns it reads that are null in a row: the reason why it is unknown there."""
        return tuple(name for name in sorted(self.reads) if frame.nulls(name).take(row, mode="clip"))


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
    truth = compiler.truth(tree)
    of_product, rest = _split(compiler, tree)
    return Condition(
        text=text,
        reads=frozenset(compiler.reads),
        truth=truth,
        of_product=of_product,
        rest=rest,
        calculates=CALCULATES.search(text) is not None,
    )


def _split(whole: Compiler, tree: Node) -> tuple[Mask | None, Mask | None]:
    """Split the ANDs of a condition into the part that reads products alone, and the rest."""
    parts: dict[bool, list[Mask]] = {True: [], False: []}
    for part in tree.parts if tree.kind == "and" else [tree]:
        compiler = replace(whole, reads=set())
        yes = compiler.truth(part).yes
        parts[_roots(compiler.reads) == {"product"}].append(yes)
    return _all(parts[True]), _all(parts[False])


def _roots(reads: Collection[str]) -> set[str]:
    """Return the part of each name before the dot: `product`, `contact`, `context`, or the name."""
    return {name.partition(".")[0] for name in reads}


def _all(masks: list[Mask]) -> Mask | None:
    if len(masks) < 2:
        return masks[0] if masks else None
    return lambda frame: all_of([mask(frame) for mask in masks])
