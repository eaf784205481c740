import tomllib

import pytest

from dog.storage.toml_places import find_places, place_in_string

TEXT = '''# a policy
name = "a" # its name
[models.cf]
weight = 1.0
[[rules]]
id = "one"
then = {cap = {by = "product.category", at_most = 2}}
[[rules]]
id = "two"
when = """
a = 'x'"""
'''


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("/name", 'name = "a" # its name'),
        ("/models/cf/weight", "weight = 1.0"),
        ("/rules/1", "[[rules]]"),
        ("/rules/1/id", 'id = "two"'),
    ],
)
def test_a_key_is_found_at_its_line(pointer: str, line: str) -> None:
    assert tomllib.loads(TEXT)["name"] == "a"
    start = find_places(TEXT, [pointer])[pointer].key

    assert TEXT[start:].partition("\n")[0] == line


def test_a_key_inside_an_inline_table_is_found_at_itself() -> None:
    place = find_places(TEXT, ["/rules/0/then/cap/at_most"])["/rules/0/then/cap/at_most"]

    assert TEXT[place.key :].startswith("at_most = 2")
    assert TEXT[place.value] == "2"


def test_a_character_of_a_multiline_string_is_found_past_its_first_newline() -> None:
    place = find_places(TEXT, ["/rules/1/when"])["/rules/1/when"]

    assert TEXT[place_in_string(TEXT, place.value, 4) :].startswith("'x'")
