from datetime import date

import pytest

from dog.errors import InvalidPolicy
from dog.services.policies.check_policy import check_policy
from dog.storage.store import Store

TODAY = date(2026, 11, 20)
TEXT = """name = "a"
[[rules]]
id = "r"
when = "product.category = 'fax'"
then = {exclude = true}
[[examples]]
name = "fax stays"
product = {id = "p1", category = "fax"}
expect = {eligible = true}
"""


def test_a_failing_example_is_refused_at_its_line(store: Store) -> None:
    with pytest.raises(InvalidPolicy, match="one of the policy's own examples fails") as caught:
        check_policy(store, TEXT, TODAY)

    assert [(fault.code, fault.line) for fault in caught.value.faults] == [("example_failed", 9)]


def test_text_and_document_are_the_same_policy(store: Store) -> None:
    text = TEXT.replace("eligible = true", "eligible = false")
    policy = check_policy(store, text, TODAY)

    assert check_policy(store, policy.to_document(), TODAY) == policy
