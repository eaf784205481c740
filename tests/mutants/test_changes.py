"""The changes that `python -m tests.mutants` makes are wrong, one each, and still programs."""

import ast

from tests.mutants.__main__ import ROOT, TESTS
from tests.mutants.changes import changes_of


def test_each_change_is_another_program_that_differs_in_one_place() -> None:
    source = "def f(a):\n    if a < 3 and a:\n        return a + 1\n    print(a)\n    return None"
    made = [change.source for change in changes_of(source, is_lua=False)]

    assert len(made) == len(set(made)) == 8
    assert all(ast.dump(ast.parse(text)) != ast.dump(ast.parse(source)) for text in made)


def test_comments_of_lua_are_left_alone() -> None:
    made = changes_of("-- a == b\nif a == b then -- not c\n  redis.call('DEL', KEYS[1])\nend", is_lua=True)

    assert [(change.line, change.says) for change in made] == [
        (2, "if a == b then -- not c  ->  if a ~= b then -- not c"),
        (3, "redis.call('DEL', KEYS[1])  ->  (gone)"),
    ]


def test_the_files_and_their_tests_are_there() -> None:
    assert all((ROOT / name).is_file() for name in [*TESTS, *(test for tests in TESTS.values() for test in tests)])
