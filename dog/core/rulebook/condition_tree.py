"""The tree of a condition: made by the parser, compiled to closures, and stored with the version of a policy."""

from typing import Any, NamedTuple

FORMAT = 1
"""Of written trees; a change of the kinds of nodes, or of the parts of a kind, needs a new one."""
REFUSED = frozenset({"bad_syntax", "too_deep"})
"""Kinds of nodes that are not in the language: the code of their fault; their text is its message."""


class Node(NamedTuple):
    """One operator, function, column or literal."""

    # `column`, `text` and `number` for leaves, else as in the tables of `predicates.py` and `expressions.py`
    kind: str
    start: int  # its place in the text of the condition
    end: int
    text: str = ""  # the name of a column, the value of a literal
    # the operands as written; of `case` each condition before its value, then the ELSE, if there is one
    parts: tuple["Node", ...] = ()


def write_tree(node: Node) -> list[Any]:
    """Return a tree as plain JSON.

    >>> write_tree(Node("not", 4, 9, parts=(Node("column", 4, 9, "green"),)))
    ['not', 4, 9, '', ['column', 4, 9, 'green']]

    """
    return [node.kind, node.start, node.end, node.text, *map(write_tree, node.parts)]


def read_tree(written: list[Any]) -> Node:
    """Return the tree that `write_tree` wrote."""
    kind, start, end, text, *parts = written
    return Node(kind, start, end, text, tuple(map(read_tree, parts)))
