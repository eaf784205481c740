"""Parse a condition with sqlglot, and keep of its tree what the language of docs/reference/conditions.md has.

This module alone knows sqlglot; `known_trees.py` imports it when a condition has to be parsed.
"""

from collections.abc import Callable, Mapping, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from dog.core.rulebook.condition_tree import Node
from dog.core.rulebook.tokens import MAX_CHARACTERS, MAX_DEPTH, bad_condition, check_tokens
from dog.errors import InvalidPolicy

READ_ARGUMENTS = frozenset(
    {"this", "expression", "expressions", "table", "low", "high", "negate", "ifs", "true", "default"}
    | {"to", "decimals", "is_string", "ignore_nulls"}
)
"""The arguments of nodes that are read. A node with another one set has a meaning that would be lost, perhaps since a
newer parser: it is refused."""
NOT_IN_LANGUAGE = "{} is not part of the condition language"


def parse_condition(text: str) -> Node:
    """Return the tree of a condition of at most 2,000 characters.

    Raises
    ------
    InvalidPolicy
        It is not an SQL expression, or has characters, functions or a depth that the parser must not read.

    """
    check_tokens(text)
    try:
        # DuckDB's dialect has standard quotes and no escapes; the parser's own faults know their place
        tree = sqlglot.parse_one(text, dialect="duckdb", error_message_context=MAX_CHARACTERS)
    except ParseError as error:
        raise _not_sql(error) from None
    except (TokenError, RecursionError):
        raise bad_condition("bad_syntax", "cannot be read as a condition") from None
    return _read(tree, 1)


def _not_sql(error: ParseError) -> InvalidPolicy:
    if not error.errors:  # no expression begins; the parser gives no place
        return bad_condition("bad_syntax", "cannot be read as a condition")
    first = error.errors[0]
    message = f"cannot be read as a condition near {first['highlight']!r}: {_plain(str(first['description']))}"
    return bad_condition("bad_syntax", message, len(str(first["start_context"])))


def _plain(description: str) -> str:
    # the parser names its own classes: "Required keyword: 'expression' missing for <class ...>"
    return "something is missing after it" if "<class" in description else description.lower()


def _read(node: exp.Expr, depth: int) -> Node:
    node = node.unnest()
    read = KINDS.get(type(node))
    if isinstance(node, exp.Null):
        return _refuse(node.parent or node, "NULL is not a value: write IS NULL or IS NOT NULL")
    if read is None:
        return _refuse(node, NOT_IN_LANGUAGE)
    if depth > MAX_DEPTH:
        return _refuse(node, f"nested more than {MAX_DEPTH} deep; split the rule", "too_deep")
    if any(given and name not in READ_ARGUMENTS for name, given in node.args.items()):
        return _refuse(node, NOT_IN_LANGUAGE)
    return read(node, depth) if callable(read) else _operator(node, read, depth)


def _operator(node: exp.Expr, kind: str, depth: int) -> Node:
    """Read a node whose operands are among its arguments, in the order of the text."""
    operands = [node.args.get(name) for name in ("this", "expression", "low", "high", "decimals")]
    return _node(node, kind, [*(it for it in operands if it is not None), *node.expressions], depth)


def _node(node: exp.Expr, kind: str, operands: Sequence[exp.Expr], depth: int) -> Node:
    return Node(kind, *_span(node), parts=tuple(_read(operand, depth + 1) for operand in operands))


def _leaf(node: exp.Expr, kind: str, text: str) -> Node:
    return Node(kind, *_span(node), text)


def _refuse(node: exp.Expr, message: str, code: str = "bad_syntax") -> Node:
    return _leaf(node, code, message)


def _span(node: exp.Expr) -> tuple[int, int]:
    """Return the start and the end of a node in the text of the condition."""
    places = [part.meta for part in node.walk() if "start" in part.meta]
    starts = (place["start"] for place in places)
    return min(starts, default=0), max((place["end"] + 1 for place in places), default=0)


def _literal(node: exp.Expr, _: int) -> Node:
    return _leaf(node, "text" if node.is_string else "number", node.name)


def _column(node: exp.Expr, _: int) -> Node:
    names = [part.name for part in node.parts]  # type: ignore[attr-defined]  # only columns come here
    return _leaf(node, "column", ".".join(names))


def _boolean(node: exp.Expr, _: int) -> Node:
    return _leaf(node, "boolean", "true" if node.this else "false")


def _date(node: exp.Expr, _: int) -> Node:
    """Read `DATE '2026-12-31'`, the one cast of the language."""
    text = node.this
    if not (node.is_type(exp.DataType.Type.DATE) and isinstance(text, exp.Literal) and text.is_string):
        return _refuse(node, NOT_IN_LANGUAGE)
    return _leaf(node, "date", text.name)


def _chain(kind: str) -> Callable[[exp.Expr, int], Node]:
    """Read a chain of ANDs or of ORs as one node."""
    return lambda node, depth: _node(node, kind, list(node.flatten()), depth)


def _like(node: exp.Expr, depth: int) -> Node:
    return _operator(node, "not_like" if node.args.get("negate") else "like", depth)


def _is(node: exp.Expr, depth: int) -> Node:
    if not isinstance(node.args["expression"], exp.Null):
        return _refuse(node, "IS is only for NULL: write IS NULL or IS NOT NULL")
    return _node(node, "is_null", [node.this], depth)


def _in(node: exp.Expr, depth: int) -> Node:
    if not node.expressions:
        return _refuse(node, "IN needs a list in brackets, such as ('a', 'b')")
    return _operator(node, "in", depth)


def _case(node: exp.Expr, depth: int) -> Node:
    """Read both forms of CASE as one: `CASE x WHEN v` is `CASE WHEN x = v`."""
    subject, otherwise = node.args.get("this"), node.args.get("default")
    operands: list[exp.Expr] = []
    for branch in node.args["ifs"]:
        test = exp.EQ(this=subject, expression=branch.this) if subject else branch.this
        operands += [test, branch.args["true"]]
    return _node(node, "case", operands + ([otherwise] if otherwise else []), depth)


KINDS: Mapping[type[exp.Expr], str | Callable[[exp.Expr, int], Node]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Boolean: _boolean,
    exp.Cast: _date,
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.And: _chain("and"),
    exp.Or: _chain("or"),
    exp.Not: "not",
    exp.Between: "between",
    exp.In: _in,
    exp.Like: _like,
    exp.StartsWith: "starts_with",
    exp.Is: _is,
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Neg: "negative",
    exp.Abs: "abs",
    exp.Round: "round",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.Coalesce: "coalesce",
    exp.Case: _case,
    exp.Lower: "lower",
    exp.Upper: "upper",
}
"""The language: the kind of each node, or the function that reads it. What is not here is refused."""
