from dog.core.json_template import Template
from dog.services.lists.receipt_plan import ReceiptPlan


def test_a_template_is_made_once() -> None:
    plan, made = ReceiptPlan(), Template({}, [])

    assert plan.template("brief", lambda: made) is made
    assert plan.template("brief", lambda: Template({"other": 1}, [])) is made
