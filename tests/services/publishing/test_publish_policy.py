from dog.services.publishing.publish_policy import diff_policies

BEFORE = {
    "name": "a",
    "models": {"cf": {"weight": 0.5}},
    "rules": [{"id": "one", "then": {"pin": 1}}, {"id": "two", "then": {"pin": 2}}],
}


def test_equal_policies_have_no_differences() -> None:
    assert diff_policies(BEFORE, BEFORE) == []


def test_a_difference_has_the_pointer_of_the_innermost_value() -> None:
    after = {**BEFORE, "models": {"cf": {"weight": 0.7}}}

    assert diff_policies(BEFORE, after) == [{"pointer": "/models/cf/weight", "before": 0.5, "after": 0.7}]


def test_rules_are_matched_by_their_id_whatever_their_order() -> None:
    after = {**BEFORE, "rules": [{"id": "two", "then": {"pin": 3}}, {"id": "one", "then": {"pin": 1}}]}

    assert diff_policies(BEFORE, after) == [{"pointer": "/rules/two/then/pin", "before": 2, "after": 3}]
