"""The tree keeps its shape: unique names, short files and functions, no import cycles, mirrored tests."""

import ast
import functools
import re
import tokenize
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("dog/**/*.py"), *ROOT.glob("jobs/**/*.py")])
MOST_LINES = 300
MOST_FUNCTION_LINES = 20
"""Lines of nine of ten functions, from `def` to the last line, without the docstring."""
TESTED_ELSEWHERE = ROOT / "tests" / "tested_elsewhere.toml"
"""Modules without a mirrored test, each with the file that tests it."""
MOST_TESTED_ELSEWHERE = 74
"""Lower this number when the list has become shorter."""
MOST_POSITIONAL_FIELDS = 3
FIRST_WORDS = re.compile(r"^(Tell|Say|Give back) ")


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def twice(named: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Collect the names that more than one place has."""
    places: dict[str, list[str]] = defaultdict(list)
    for name, place in named:
        places[name].append(place)
    return {name: found for name, found in places.items() if len(found) > 1}


def test_no_file_name_is_used_twice() -> None:
    files = [path for path in SOURCES if path.name not in ("__init__.py", "__main__.py")]

    assert twice((path.name, short(path)) for path in files) == {}


def test_no_class_name_is_used_twice() -> None:
    classes = [
        (node.name, short(path)) for path in SOURCES for node in tree_of(path).body if isinstance(node, ast.ClassDef)
    ]

    assert twice(classes) == {}


def test_no_file_is_long() -> None:
    lines = {short(path): path.read_text("utf-8").count("\n") for path in SOURCES}

    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def length_of(function: ast.FunctionDef) -> int:
    docstring = function.body[0] if ast.get_docstring(function, clean=False) is not None else None
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    return lines if docstring is None else lines - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def test_nine_of_ten_functions_are_short() -> None:
    functions = (node for path in SOURCES for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef))
    lengths = sorted(length_of(function) for function in functions)

    assert lengths[len(lengths) * 9 // 10] <= MOST_FUNCTION_LINES


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported_modules(path: Path) -> Iterator[str]:
    """List the modules of the project that a file imports, in functions too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def cycle_in(graph: dict[str, set[str]]) -> list[str]:
    """Remove modules that import nothing of the rest, or that nothing of the rest imports, until none is left."""
    left = {module: set(targets) for module, targets in graph.items()}
    while True:
        imported = {target for targets in left.values() for target in targets}
        ends = [module for module, targets in left.items() if module not in imported or not targets & left.keys()]
        if not ends:
            return sorted(left)
        for module in ends:
            del left[module]


def test_no_modules_import_each_other_in_a_cycle() -> None:
    modules = {module_name(path): path for path in SOURCES}
    graph = {
        module: {target for target in imported_modules(path) if target in modules and target != module}
        for module, path in modules.items()
    }

    assert cycle_in(graph) == []


def test_a_cycle_is_found() -> None:
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"c"}}) == ["b", "c"]
    assert cycle_in({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def dataclass_options(node: ast.ClassDef) -> set[str] | None:
    """Return the options that a dataclass sets to True, or None for another class."""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = call.func if call else decorator
        if isinstance(name, ast.Name) and name.id == "dataclass":
            return {word.arg or "" for word in call.keywords if getattr(word.value, "value", None)} if call else set()
    return None


def positional_fields(node: ast.ClassDef) -> list[str]:
    """List the fields before the `KW_ONLY` mark that are not themselves keyword-only."""
    fields = []
    for line in node.body:
        if isinstance(line, ast.AnnAssign):
            annotation, value = ast.unparse(line.annotation), ast.unparse(line.value) if line.value else ""
            if annotation == "KW_ONLY":
                break
            if not annotation.startswith("ClassVar") and "kw_only=True" not in value and "init=False" not in value:
                fields.append(ast.unparse(line.target))
    return fields


def positional_value_objects(path: Path) -> Iterator[str]:
    """List the dataclasses that can be made with more than three values by position."""
    classes = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]
    for node in classes:
        options = dataclass_options(node)
        if options is not None and "kw_only" not in options and len(positional_fields(node)) > MOST_POSITIONAL_FIELDS:
            yield f"{short(path)}: {node.name}"


def test_no_value_object_is_made_of_more_than_three_values_by_position() -> None:
    assert [each for path in SOURCES for each in positional_value_objects(path)] == []


def prose_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the docstrings and comments of a module, each with its line."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_docstrings_and_comments_begin_with_what_they_do() -> None:
    prose = ((f"{short(path)}:{line}", text) for path in SOURCES for line, text in prose_of(path))

    assert [f"{place}: {text[:40]}" for place, text in prose if FIRST_WORDS.match(text)] == []


def mirrored_test(path: Path) -> Path:
    """Name the test file of a module: dog/core/pipeline.py has tests/core/test_pipeline.py."""
    folder = path.relative_to(ROOT).parent
    below = folder.relative_to("dog") if folder.parts[0] == "dog" else folder
    return ROOT / "tests" / below / f"test_{path.name}"


def modules_without_a_test() -> set[str]:
    mirrored = (path for path in SOURCES if path.name not in ("__init__.py", "__main__.py"))
    return {short(path) for path in mirrored if not mirrored_test(path).exists()}


def test_each_module_has_a_mirrored_test_or_names_the_file_that_tests_it() -> None:
    listed = tomllib.loads(TESTED_ELSEWHERE.read_text("utf-8"))

    assert sorted(modules_without_a_test() ^ listed.keys()) == []
    assert [test for test in listed.values() if not (ROOT / test).exists()] == []
    assert len(listed) <= MOST_TESTED_ELSEWHERE
