"""The trees of conditions that a process knows: those it parsed, and those stored with policy versions.

Importing the parser takes long. So it is imported only for a condition that is not known yet.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from dog.core.bounded_cache import remember
from dog.core.rulebook.condition_tree import FORMAT, Node, read_tree, write_tree

MAX_KNOWN = 10_000

_known: dict[str, Node] = {}


def condition_tree(text: str) -> Node:
    """Return the tree of a condition, parsed if it is not known.

    Raises
    ------
    InvalidPolicy
        The condition cannot be parsed. Where it can, what is not in the language is a node of a kind of `REFUSED`.

    Examples
    --------
    >>> condition_tree("win_rate > 0.5").parts[0]
    Node(kind='column', start=0, end=8, text='win_rate', parts=())

    """
    tree = _known.get(text)
    if tree is None:
        from dog.core.rulebook.condition_parser import parse_condition  # noqa: PLC0415  # its import takes long

        tree = parse_condition(text)
        remember(_known, text, tree, most=MAX_KNOWN)
    return tree


def write_trees(conditions: Iterable[str]) -> dict[str, Any]:
    """Return the trees of conditions as JSON, to be stored with the policy that has the conditions."""
    return {"format": FORMAT, "trees": {text: write_tree(condition_tree(text)) for text in conditions}}


def remember_trees(written: Mapping[str, Any] | None) -> None:
    """Know the trees that `write_trees` wrote; those of another format are not read."""
    if written is not None and written["format"] == FORMAT:
        for text, tree in written["trees"].items():
            if text not in _known:
                remember(_known, text, read_tree(tree), most=MAX_KNOWN)
