"""Small wrong changes to a source: what a test suite worth its time has to notice."""

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
}
LUA = (
    (r"==", "~="),
    (r"~=", "=="),
    (r">=", ">"),
    (r"<=", "<"),
    (r"(?<![<>=~])<(?!=)", "<="),
    (r"(?<![<>=~-])>(?!=)", ">="),
    (r"\+ 1\b", "+ 2"),
    (r"- 1\b", "- 2"),
    (r"\band\b", "or"),
    (r"\bnot\b ", ""),
    (r"^\s*redis\.call\(.*\)$", ""),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One wrong change: its line, what it says, the whole source with it."""

    line: int
    says: str
    source: str


def changes_of(source: str, *, is_lua: bool) -> list[Change]:
    """Make every change that there is of a source."""
    return list(_of_lua(source)) if is_lua else list(_of_python(source))


def _of_lua(source: str) -> Iterator[Change]:
    lines = source.split("\n")
    for number, line in enumerate(lines):
        code = line.split("--", 1)[0]
        for pattern, put in LUA:
            for found in re.finditer(pattern, code):
                changed = line[: found.start()] + put + line[found.end() :]
                says = f"{line.strip()}  ->  {changed.strip() or '(gone)'}"
                yield Change(number + 1, says, "\n".join([*lines[:number], changed, *lines[number + 1 :]]))


def _of_python(source: str) -> Iterator[Change]:
    tree = ast.parse(source)
    for place, node in enumerate(ast.walk(tree)):
        for change in _ways(node):
            changed = copy.deepcopy(tree)
            [target] = [other for at, other in enumerate(ast.walk(changed)) if at == place]
            before = ast.unparse(target)
            change(target)
            says = f"{before}  ->  {ast.unparse(target)}".replace("\n", " ")[:200]
            yield Change(getattr(node, "lineno", 0), says, ast.unparse(ast.fix_missing_locations(changed)))


def _ways(node: ast.AST) -> Iterator[Callable[[Any], None]]:
    """Find in which ways a node may be changed."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        other = COMPARISONS[type(node.ops[0])]
        yield lambda it: it.ops.__setitem__(0, other())
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        operator = OPERATORS[type(node.op)]
        yield lambda it: setattr(it, "op", operator())
    elif isinstance(node, ast.BoolOp):
        opposite = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield lambda it: setattr(it, "op", opposite())
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield lambda it: setattr(it, "value", it.value + 1)
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield lambda it: setattr(it, "value", not it.value)
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield lambda it: setattr(it, "test", ast.UnaryOp(ast.Not(), it.test))
    elif isinstance(node, ast.Return) and not isinstance(node.value, ast.Constant | None):
        yield lambda it: setattr(it, "value", ast.Constant(None))
    elif isinstance(node, ast.For | ast.With | ast.FunctionDef):
        yield from (_without(place) for place, line in enumerate(node.body) if _does_something(line))


def _does_something(line: ast.stmt) -> bool:
    is_text = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return isinstance(line, ast.Expr | ast.AugAssign) and not is_text


def _without(place: int) -> Callable[[Any], None]:
    return lambda it: it.body.__setitem__(place, ast.Pass())
