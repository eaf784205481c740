"""Patterns that are never right here: code from data, commands that scan all of Redis, secrets compared by `==`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*ROOT.glob("dog/**/*.py"), *ROOT.glob("jobs/**/*.py"), ROOT / "wsgi.py"])
CALLS = {
    *("eval", "exec", "compile", "__import__", "mktemp", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load"),
    *(f"{module}.{name}" for module in ("pickle", "marshal", "dill", "joblib") for name in ("load", "loads")),
}
COMMANDS = {"KEYS", "FLUSHALL", "FLUSHDB", "SORT", "EVAL", "DEBUG", "SWAPDB"}
"""Commands that read or drop everything, or run a text as program; scripts go by SHA."""
COUNTERS = {"incr", "incrby", "incrbyfloat", "decr", "decrby", "hincrby", "hincrbyfloat", "zincrby"}
"""redis-py's own, which it may send again; what has to count once goes through a script and an id."""
SECRETS = {"secret", "password", "signature", "presented_key", "key_hash", "session_token", "csrf_token", "api_key"}


def name_of(node: ast.AST) -> str:
    """Write a name or attribute as it stands in the code."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}" if isinstance(node.value, ast.Name) else f".{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def findings(tree: ast.AST) -> Iterator[str]:
    """Find what is never right, each with its line."""
    for node in ast.walk(tree):
        wrong: list[str] = []
        if isinstance(node, ast.Call):
            wrong = in_call(node)
        elif isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            sides = [name_of(side) for side in (node.left, *node.comparators)]
            wrong = [f"== on {side}; use hmac.compare_digest" for side in sides if side.rpartition(".")[2] in SECRETS]
        for each in wrong:
            yield f"line {node.lineno}: {each}"  # type: ignore[attr-defined]  # a Call or a Compare


def in_call(call: ast.Call) -> list[str]:
    """Find what is wrong with a call."""
    first = call.args[0] if call.args else None
    said = first.value if isinstance(first, ast.Constant) else ""
    if isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
        said = first.values[0].value
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return [
        *([name_of(call.func)] if name_of(call.func) in CALLS else []),
        *([f"{method}(): counts twice where an answer is lost"] if method in COUNTERS else []),
        *([f"command {said}"] if said in COMMANDS and isinstance(call.func, ast.Attribute) else []),
        *(
            ["shell"]
            if any(word.arg == "shell" and getattr(word.value, "value", True) for word in call.keywords)
            else []
        ),
        *(["a key put together here"] if isinstance(first, ast.JoinedStr) and str(said).startswith("dog:") else []),
    ]


def test_no_file_has_a_pattern_that_is_never_right() -> None:
    found = {str(path.relative_to(ROOT)): list(findings(ast.parse(path.read_text("utf-8")))) for path in FILES}

    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "line",
    [
        "eval(text)",
        "pickle.loads(body)",
        "redis.execute_command('KEYS', '*')",
        "trip.add('FLUSHALL')",
        "subprocess.run(line, shell=True)",
        "given == self.password",
        "if signature != expected: pass",
        "redis.get(f'dog:{tenant}:x')",
        "redis.hincrby(key, field, 1)",
    ],
)
def test_each_pattern_is_found(line: str) -> None:
    assert len(list(findings(ast.parse(line)))) == 1
