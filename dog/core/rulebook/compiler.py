"""Compile the tree of a condition to numpy closures, with type checks.

`predicates.py` has a table of the nodes that are true or false, `expressions.py` of those with a value: from the kind
of a node to the function that compiles it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import NamedTuple

import numpy as np

from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Bools, Column, Floats, Frame, Kind, TextColumn, Vocabulary
from dog.core.rulebook.condition_tree import REFUSED, Node
from dog.core.rulebook.text_columns import from_ranks, rank_together, remember
from dog.core.rulebook.tokens import bad_condition
from dog.errors import InvalidPolicy

Mask = Callable[[Frame], Bools]
Values = Callable[[Frame], Column]
ReadAll = Callable[[Frame], tuple[list[Floats], Vocabulary | None]]

CHOICES = frozenset({"case", "coalesce", "greatest", "least"})
"""Nodes whose value is one of their parts."""
KINDS: Mapping[str, Kind] = {"date": "date", "text": "text", "lower": "text", "upper": "text"}
"""What other nodes hold; those that are not listed hold numbers."""


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
    predicates: Mapping[str, Callable[["Compiler", Node], Truth]]  # the language, node by node
    expressions: Mapping[str, Callable[["Compiler", Node, Kind | None], Typed]]
    reads: set[str] = field(default_factory=set)  # the columns named so far

    def truth(self, node: Node) -> Truth:
        """Compile a node that must be true or false."""
        predicate = self.predicates.get(node.kind)
        return as_truth(self.value(node, "boolean").read) if predicate is None else predicate(self, node)

    def value(self, node: Node, want: Kind | None = None) -> Typed:
        """Compile a node that has a value, of the wanted kind if one is given."""
        if node.kind in REFUSED:
            raise self.fault(node.kind, node, node.text)
        if node.kind in self.predicates:
            typed = Typed("boolean", as_values(self.truth(node)))
        else:
            typed = self.expressions[node.kind](self, node, want)
        if want is not None and typed.kind != want:
            raise self.fault("wrong_type", node, f"{{}} is a {typed.kind}, but a {want} is needed here")
        return typed

    def alike(self, nodes: Sequence[Node], want: Kind | None = None) -> list[Typed]:
        """Compile values that must be of one kind."""
        kind = self.kind_of(nodes, want)
        return [self.value(node, kind) for node in nodes]

    def kind_of(self, nodes: Sequence[Node], want: Kind | None = None) -> Kind:
        """Return the kind that values must have together: the first known kind, dates before others."""
        kinds = [kind for kind in map(self.kind, nodes) if kind is not None]
        kind = want or ("date" if "date" in kinds else next(iter(kinds), None))
        if kind is None:
            message = "cannot tell what {} holds; compare it with a number or with text in quotes"
            raise self.fault("unclear_type", nodes[0], message)
        return kind

    def kind(self, node: Node) -> Kind | None:
        """Return the kind of a node; `None` where it follows from its use, or the node is wrong."""
        if node.kind in self.predicates:
            return "boolean"
        if node.kind == "column":
            try:
                return self.schema.kind(node.text)
            except LookupError:
                return None
        if node.kind in CHOICES:
            return next((kind for kind in map(self.kind, branches(node)) if kind is not None), None)
        if node.kind in {"+", "-"}:
            kinds = set(map(self.kind, node.parts))
            return "date" if "date" in kinds and kinds != {"date"} else "number"
        return KINDS.get(node.kind, "number")

    def fault(self, code: str, node: Node, message: str) -> InvalidPolicy:
        """Return the error about a node; `{}` in the message becomes its text."""
        start, end = node.start, node.end
        quoted = self.text[start:end] if end - start <= 60 else self.text[start : start + 57] + "..."
        return bad_condition(code, message.format(quoted or "this"), start)


def branches(node: Node) -> Sequence[Node]:
    """Return the values among which a CASE, COALESCE, GREATEST or LEAST chooses."""
    if node.kind == "case":
        tests = case_tests(node)
        return [*node.parts[1 : 2 * len(tests) : 2], *node.parts[2 * len(tests) :]]
    return node.parts


def case_tests(node: Node) -> Sequence[Node]:
    """Return the conditions of a CASE."""
    return node.parts[: len(node.parts) // 2 * 2 : 2]


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
