"""Compile a parsed condition to numpy closures, with type checks.

`predicates.py` has a table of the nodes that are true or false, `expressions.py` of those with a value: from the class
of a node to the function that compiles it. A node in neither table is not in the language.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import NamedTuple

import numpy as np
from sqlglot import exp

from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Bools, Column, Floats, Frame, Kind, TextColumn, Vocabulary
from dog.core.rulebook.text_columns import from_ranks, rank_together, remember
from dog.core.rulebook.tokens import MAX_DEPTH, bad_condition
from dog.errors import InvalidPolicy

Mask = Callable[[Frame], Bools]
Values = Callable[[Frame], Column]
ReadAll = Callable[[Frame], tuple[list[Floats], Vocabulary | None]]

READ_ARGUMENTS = frozenset(
    {"this", "expression", "expressions", "table", "low", "high", "negate", "ifs", "true", "default"}
    | {"to", "decimals", "is_string", "ignore_nulls"}
)
"""The arguments of nodes that are compiled. A node with another one set has a meaning that would be lost, perhaps since
a newer parser: it is refused."""


class Truth(NamedTuple):
    """Masks of the rows where a condition is true and where it is false; in other rows it is unknown.

    Two closures, since serving evaluates the first alone.
    """

    yes: Mask
    no: Mask


@dataclass(frozen=True, slots=True)
class Typed:
    """A compiled value and its kind."""

    kind: Kind
    read: Values


@dataclass(slots=True)
class Compiler:
    """The compiler of one condition."""

    text: str  # the condition as written, quoted in faults
    schema: ColumnSchema  # the columns that may be named
    _: KW_ONLY
    predicates: Mapping[type[exp.Expr], Callable[["Compiler", exp.Expr], Truth]]  # the language, node by node
    expressions: Mapping[type[exp.Expr], Callable[["Compiler", exp.Expr, Kind | None], Typed]]
    reads: set[str] = field(default_factory=set)  # the columns named so far
    depth: int = 0

    def truth(self, node: exp.Expr) -> Truth:
        """Compile a node that must be true or false."""
        node = node.unnest()
        predicate = self.predicates.get(type(node))
        if predicate is None:
            return as_truth(self.value(node, "boolean").read)
        self._enter(node)
        truth = predicate(self, node)
        self.depth -= 1
        return truth

    def value(self, node: exp.Expr, want: Kind | None = None) -> Typed:
        """Compile a node that has a value, of the wanted kind if one is given."""
        node = node.unnest()
        if type(node) in self.predicates:
            typed = Typed("boolean", as_values(self.truth(node)))
        elif expression := self.expressions.get(type(node)):
            self._enter(node)
            typed = expression(self, node, want)
            self.depth -= 1
        elif isinstance(node, exp.Null):
            raise self.fault("bad_syntax", node.parent or node, "NULL is no value: write IS NULL or IS NOT NULL")
        else:
            raise self.fault("bad_syntax", node, "{} is not part of the condition language")
        if want is not None and typed.kind != want:
            raise self.fault("wrong_type", node, f"{{}} is a {typed.kind}, but a {want} is needed here")
        return typed

    def alike(self, nodes: Sequence[exp.Expr], want: Kind | None = None) -> list[Typed]:
        """Compile values that must be of one kind: the first known kind, dates before others."""
        kinds = [kind for kind in map(self.kind, nodes) if kind is not None]
        kind = want or ("date" if "date" in kinds else next(iter(kinds), None))
        if kind is None:
            message = "cannot tell what {} holds; compare it with a number or with text in quotes"
            raise self.fault("unclear_type", nodes[0], message)
        return [self.value(node, kind) for node in nodes]

    def kind(self, node: exp.Expr) -> Kind | None:
        """Return the kind of a node; `None` where it follows from its use, or the node is wrong."""
        node = node.unnest()
        if type(node) in self.predicates:
            return "boolean"
        if isinstance(node, exp.Column):
            try:
                return self.schema.kind(column_name(node))
            except LookupError:
                return None
        if isinstance(node, exp.Coalesce | exp.Greatest | exp.Least | exp.Case):
            return next((kind for kind in map(self.kind, branches(node)) if kind is not None), None)
        if isinstance(node, exp.Add | exp.Sub):
            kinds = {self.kind(node.left), self.kind(node.right)}
            return "date" if "date" in kinds and kinds != {"date"} else "number"
        return _kind_of_leaf(node)

    def fault(self, code: str, node: exp.Expr, message: str) -> InvalidPolicy:
        """Return the error about a node; `{}` in the message becomes its text."""
        start, end = span(node)
        quoted = self.text[start:end] if end - start <= 60 else self.text[start : start + 57] + "..."
        return bad_condition(code, message.format(quoted or "this"), start)

    def _enter(self, node: exp.Expr) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fault("too_deep", node, f"nested more than {MAX_DEPTH} deep; split the rule")
        if any(given and name not in READ_ARGUMENTS for name, given in node.args.items()):
            raise self.fault("bad_syntax", node, "{} is not part of the condition language")


def _kind_of_leaf(node: exp.Expr) -> Kind | None:
    if isinstance(node, exp.Literal):
        return "text" if node.is_string else "number"
    if isinstance(node, exp.Cast):
        return "date"
    return "text" if isinstance(node, exp.Lower | exp.Upper) else "number"


def branches(node: exp.Expr) -> list[exp.Expr]:
    """Return the values among which a CASE, COALESCE, GREATEST or LEAST chooses."""
    if isinstance(node, exp.Case):
        otherwise = node.args.get("default")
        return [branch.args["true"] for branch in node.args["ifs"]] + ([otherwise] if otherwise else [])
    return [node.this, *node.expressions]


def column_name(node: exp.Column) -> str:
    """Return the full name of a column: `product.category`."""
    return ".".join(part.name for part in node.parts)


def span(node: exp.Expr) -> tuple[int, int]:
    """Return the start and the end of a node in the text of the condition."""
    places = [part.meta for part in node.walk() if "start" in part.meta]
    starts = (place["start"] for place in places)
    return min(starts, default=0), max((place["end"] + 1 for place in places), default=0)


def as_values(truth: Truth) -> Values:
    """Convert true and false to 1 and 0, unknown to null."""
    return lambda frame: np.where(truth.yes(frame), 1.0, np.where(truth.no(frame), 0.0, np.nan))


def as_truth(values: Values) -> Truth:
    """Convert 1 and 0 to true and false, null to unknown."""
    return Truth(lambda frame: values(frame) == 1.0, lambda frame: values(frame) == 0.0)  # type: ignore[arg-type, return-value]  # booleans are never text


def together(values: Sequence[Typed]) -> ReadAll:
    """Read values of one kind as numbers of the same order; texts become ranks in the returned vocabulary."""
    reads = [value.read for value in values]
    ranks = remember(rank_together)

    def numbers(frame: Frame) -> tuple[list[Floats], Vocabulary | None]:
        return [read(frame) for read in reads], None  # type: ignore[misc]  # none of this kind is text

    def texts(frame: Frame) -> tuple[list[Floats], Vocabulary | None]:
        columns: list[TextColumn] = [read(frame) for read in reads]  # type: ignore[misc]  # all of this kind are text
        words, by_code = ranks(*(column.vocabulary for column in columns))
        return [rank[column.codes] for rank, column in zip(by_code, columns, strict=True)], words

    return texts if values[0].kind == "text" else numbers


def choose(values: Sequence[Typed], pick: Callable[[list[Floats]], Floats]) -> Typed:
    """Compile a choice among values of one kind; null stays NaN throughout."""
    read_all = together(values)

    def read(frame: Frame) -> Column:
        columns, words = read_all(frame)
        picked = pick(columns)
        return picked if words is None else from_ranks(picked, words)

    return Typed(values[0].kind, read)
