from dog.core.json_template import Hole
from dog.services.lists.item_documents import inputs_document, item_document


def test_each_explanation_has_its_fields() -> None:
    fields = {explain: list(item_document(explain, (), {}, is_drawn=True))[5:] for explain in ("none", "brief", "full")}

    assert fields == {
        "none": ["propensity"],
        "brief": ["factors", "propensity"],
        "full": ["factors", "propensity"],
    }
    assert "propensity" not in item_document("brief", (), {}, is_drawn=False)


def test_inputs_have_choices_where_channels_or_times_were_learned() -> None:
    assert inputs_document(has_choices=True) == {**inputs_document(has_choices=False), "choices": Hole("choices")}
