"""Small wrong changes to a source: what a test suite worth its time has to notice."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

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
    (r"(?<=\bif )(?!not\b).*(?= then\b)", r"not (\g<0>)"),
    (r"^\s*redis\.call\(.*\)$", ""),
    (r"(?<=\breturn )(?!nil\b|false\b)[^{]+?(?= end\b|$)", "nil"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One wrong change: the lines that run it, what it says, and the bytes it puts in place of others."""

    lines: range
    says: str
    start: int
    end: int
    put: bytes

    def applied_to(self, source: str) -> str:
        """Return the source with this change."""
        text = source.encode()
        return (text[: self.start] + self.put + text[self.end :]).decode()


def changes_of(source: str, *, is_lua: bool) -> list[Change]:
    """Make every change that there is of a source; no two of them say the same."""
    made: dict[str, Change] = {}
    for change in _of_lua(source) if is_lua else _PythonChanges(source).of_node(ast.parse(source), ""):
        same = sum(other.partition(" #")[0] == change.says for other in made)
        says = f"{change.says} #{same + 1}" if same else change.says
        made[says] = replace(change, says=says)
    return list(made.values())


def _change(text: bytes, lines: range, start: int, end: int, put: str, function: str = "") -> Change:
    """Return the change with what it says: its lines before and after."""
    from_, to = text.rfind(b"\n", 0, start) + 1, text.find(b"\n", end) % (len(text) + 1)
    before, after = text[from_:to].decode(), (text[from_:start] + put.encode() + text[end:to]).decode()
    return Change(lines, " ".join(f"{function} {before}  ->  {after or '(gone)'}".split()), start, end, put.encode())


def _of_lua(source: str) -> Iterator[Change]:
    text, at = source.encode(), 0
    for number, line in enumerate(source.split("\n"), 1):
        code = line.split("--", 1)[0].rstrip()
        for pattern, put in LUA:
            for found in re.finditer(pattern, code):
                start, end = (at + len(line[:place].encode()) for place in found.span())
                yield _change(text, range(number, number + 1), start, end, found.expand(put))
        at += len(line.encode()) + 1


class _PythonChanges:
    def __init__(self, source: str) -> None:
        self._text = source.encode()
        self._starts = [0]
        for line in self._text.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def of_node(self, node: ast.AST, function: str, statement: ast.stmt | None = None) -> Iterator[Change]:
        """Make the changes of a node and of what it holds; `function` is the name of the one it stands in."""
        if isinstance(node, ast.JoinedStr):  # Python 3.11 does not know the places of what is in an f-string
            return
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            function = f"{function}.{node.name}".lstrip(".")
        statement = node if isinstance(node, ast.stmt) else statement
        for target, put in _ways(node):
            first = target if isinstance(target, ast.stmt) or statement is None else statement
            lines = range(min(first.lineno, target.lineno), target.lineno + 1)  # a decorator comes before its statement
            yield _change(self._text, lines, *self._places(target), put, f"{function}:")
        for child in ast.iter_child_nodes(node):
            yield from self.of_node(child, function, statement)

    def _places(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.lineno - 1] + node.col_offset, self._starts[node.end_lineno - 1] + node.end_col_offset


def _ways(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Find in which ways a node may be changed: what is replaced, by what."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        operator = COMPARISONS[type(node.ops[0])]()
        yield node, f"({ast.unparse(ast.Compare(node.left, [operator, *node.ops[1:]], node.comparators))})"
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield node, f"({ast.unparse(ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right))})"
    elif isinstance(node, ast.BoolOp):
        opposite = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield node, f"({ast.unparse(ast.BoolOp(opposite, node.values))})"
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield node, str(node.value + 1)
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield node, str(not node.value)
    elif isinstance(node, ast.IfExp | ast.While):
        yield node.test, f"(not ({ast.unparse(node.test)}))"
    elif isinstance(node, ast.Return) and not isinstance(node.value, ast.Constant | None):
        yield node, "return None"
    elif isinstance(node, ast.For | ast.With | ast.If | ast.FunctionDef):
        if isinstance(node, ast.If):
            yield node.test, f"(not ({ast.unparse(node.test)}))"
        yield from ((line, "pass") for line in node.body if _does_something(line))


def _does_something(line: ast.stmt) -> bool:
    is_text = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return isinstance(line, ast.Expr | ast.AugAssign) and not is_text
