"""The changes that `python -m tests.mutants` makes are wrong, one each, and still programs."""

import ast

from tests.mutants.changes import changes_of


def test_each_change_is_another_program_that_differs_in_one_place() -> None:
    source = "def f(a):\n    if a < 3 and a:\n        return a + 1\n    print(a, 'é')\n    return None"
    made = [change.applied_to(source) for change in changes_of(source, is_lua=False)]

    assert len(made) == len(set(made)) == 8
    assert all(ast.dump(ast.parse(text)) != ast.dump(ast.parse(source)) for text in made)
    assert all(len(set(text.split("\n")) - set(source.split("\n"))) == 1 for text in made)


def test_a_change_names_its_function_and_the_lines_that_run_it() -> None:
    source = "class A:\n    def f(self, a):\n        return g(\n            a + 2,\n        )"
    made = {change.says: change.lines for change in changes_of(source, is_lua=False)}
    [decorated] = changes_of("@cache(size=3)\ndef f():\n    return None", is_lua=False)

    assert decorated.lines == range(1, 2)
    assert made["A.f: a + 2, -> (a - 2),"] == range(3, 5)


def test_two_changes_that_read_alike_are_told_apart() -> None:
    made = changes_of("if a == b then f() end\nif a == b then f() end", is_lua=True)

    assert len({change.says for change in made}) == len(made) == 4


def test_comments_of_lua_are_left_alone() -> None:
    source = "-- a == b\nif a == b then -- not c\n  redis.call('DEL', KEYS[1])\nend\nreturn at"
    made = changes_of(source, is_lua=True)

    assert [(change.lines[0], change.says) for change in made] == [
        (2, "if a == b then -- not c -> if a ~= b then -- not c"),
        (2, "if a == b then -- not c -> if not (a == b) then -- not c"),
        (3, "redis.call('DEL', KEYS[1]) -> (gone)"),
        (5, "return at -> return nil"),
    ]
    assert made[0].applied_to(source) == source.replace("if a == b", "if a ~= b")
