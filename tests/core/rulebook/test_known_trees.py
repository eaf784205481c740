import json
import subprocess
import sys

import pytest

from dog.core.rulebook import known_trees
from dog.core.rulebook.condition_tree import FORMAT
from dog.core.rulebook.known_trees import remember_trees, write_trees

CONDITIONS = [
    "true",
    "product.value IN (1, 2.5) AND contact.segment NOT LIKE 'a_%' AND product.\"eye colour\" IS NOT NULL",
    "CASE contact.segment WHEN 'gold' THEN round(win_rate, 2) ELSE -0.2 END > 0.1",
    "product.active_from >= DATE '2026-03-01' OR starts_with(lower(product.name), 'it''s')",
]


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_trees, "_known", {})


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_stored_tree_is_the_parsed_one(condition: str) -> None:
    parsed = known_trees.condition_tree(condition)
    stored = json.loads(json.dumps(write_trees([condition])))
    known_trees._known.clear()
    remember_trees(stored)

    assert known_trees._known == {condition: parsed}


def test_trees_of_another_format_are_parsed_again() -> None:
    remember_trees({"format": FORMAT + 1, "trees": {"true": ["of", "another", "form"]}})

    assert known_trees.condition_tree("true").kind == "boolean"


def test_no_more_trees_are_kept_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_trees, "MAX_KNOWN", 3)
    for number in range(10):
        known_trees.condition_tree(f"pitches > {number}")

    assert len(known_trees._known) <= 3


def test_conditions_with_stored_trees_are_compiled_without_the_parser() -> None:
    code = (
        "import sys, json\n"
        "from dog.core.rulebook.column_schema import ColumnSchema\n"
        "from dog.core.rulebook.known_trees import remember_trees\n"
        "from dog.core.rulebook.conditions import compile_condition\n"
        "stored = json.load(sys.stdin)\n"
        "remember_trees(stored)\n"
        "assert [compile_condition(text, ColumnSchema()).text for text in stored['trees']]\n"
        "print('sqlglot' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(write_trees(CONDITIONS)),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "False\n"
