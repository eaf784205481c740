import json

import pytest

from dog.core.rulebook.condition_parser import parse_condition
from dog.core.rulebook.condition_tree import read_tree, write_tree


@pytest.mark.parametrize(
    "condition",
    [
        "true",
        "product.value IN (1, 2.5) AND contact.segment NOT LIKE 'a_%' AND product.\"eye colour\" IS NOT NULL",
        "CASE contact.segment WHEN 'gold' THEN round(win_rate, 2) ELSE -0.2 END > 0.1",
        "product.active_from >= DATE '2026-03-01' OR starts_with(lower(product.name), 'it''s')",
    ],
)
def test_a_written_tree_is_read_as_it_was(condition: str) -> None:
    tree = parse_condition(condition)

    assert read_tree(json.loads(json.dumps(write_tree(tree)))) == tree
